import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { bench, root } from "../folders.js";
import { subjects } from "../subjects.js";

/** Where and of what measurements were taken. Nothing in it names the machine or its user. */
export interface Environment {
  /** The day of the first measurement: 2026-11-30. */
  readonly date: string;
  /** Of Sluice, and whether its files have changed since. */
  readonly commits: readonly string[];
  readonly processor: string;
  readonly cores: number;
  /** GB. */
  readonly memory: number;
  readonly kernel: string;
  readonly node: string;
  /** Processes that wanted to run, on average of the minute before. */
  readonly load: number;
  /** Of each package that a subject names. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Looks at this machine and at what is installed. */
export function observe(): Environment {
  const processors = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    commits: [commit()].filter((commit) => commit !== undefined),
    processor: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memory: Math.round(totalmem() / 1e9),
    kernel: `${type()} ${release()}`,
    node: process.versions.node,
    load: Number(loadavg()[0]?.toFixed(1)),
    versions: versions(),
  };
}

/**
 * Says what keeps measurements of one environment from standing beside those of another.
 *
 * @returns the names of what differs
 */
export function differences(one: Environment, other: Environment): string[] {
  const compared = (["processor", "cores", "memory", "kernel", "node"] as const).filter(
    (name) => one[name] !== other[name],
  );
  const packages = Object.keys(one.versions).filter(
    (name) => name in other.versions && one.versions[name] !== other.versions[name],
  );
  return [...compared, ...packages];
}

/** One environment for measurements of both. */
export function merged(earlier: Environment, now: Environment): Environment {
  return {
    ...earlier,
    commits: [...new Set([...earlier.commits, ...now.commits])],
    load: Math.max(earlier.load, now.load),
    versions: { ...earlier.versions, ...now.versions },
  };
}

function commit(): string | undefined {
  const short = output("git", ["rev-parse", "--short=10", "HEAD"]);
  if (short === undefined) return undefined;
  const changed = output("git", ["status", "--porcelain", "--", "packages", "apps/bench"]);
  return changed === "" ? short : `${short} with changes`;
}

function versions(): Record<string, string> {
  const found = subjects
    .flatMap(({ packages }) => packages)
    .map((name) => [name, npmVersion(name) ?? debianVersion(name)] as const)
    .filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(found);
}

function npmVersion(name: string): string | undefined {
  const file = join(bench, "peers/node_modules", name, "package.json");
  if (!existsSync(file)) return undefined;
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

/** @returns the version of what Debian packed, without Debian's own additions to it */
function debianVersion(name: string): string | undefined {
  const version = output("dpkg-query", ["-W", "-f=${Version}", name]);
  return version?.replace(/^\d+:/, "").replace(/[+-].*$/, "");
}

function output(program: string, args: readonly string[]): string | undefined {
  try {
    const stdio = ["ignore", "pipe", "ignore"] as const;
    return execFileSync(program, args, { cwd: root, encoding: "utf8", stdio: [...stdio] }).trim();
  } catch {
    return undefined;
  }
}
