import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The programs in C: the load client, and the server that shows what the operating system allows. */
export type NativeProgram = "load" | "floor";

const sources = fileURLToPath(new URL("../../native/", import.meta.url));
const cache = fileURLToPath(
  new URL("../../../../node_modules/.cache/sluice-bench/", import.meta.url),
);
const flags = ["-std=c11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-Werror"];

// What only one of the two is made of; all else both have.
const only = new Map<string, NativeProgram>([
  ["load.c", "load"],
  ["floor.c", "floor"],
]);

/** Options of {@link compile}. */
export interface CompileOptions {
  /** @defaultValue the environment's `CC`, or `cc` */
  readonly compiler?: string;
  /** Further words for the compiler, such as `-fsanitize=address`. */
  readonly flags?: readonly string[];
}

/**
 * Compiles a program, unless that has been done with the same sources.
 *
 * @returns its path
 * @throws Error where there is no compiler, or with what it says
 */
export async function compile(
  program: NativeProgram,
  options: CompileOptions = {},
): Promise<string> {
  const compiler = options.compiler ?? (process.env["CC"] || "cc");
  const words = [...flags, ...(options.flags ?? [])];
  const path = join(cache, `${program}-${fingerprint([compiler, ...words])}`);
  if (existsSync(path)) return path;

  mkdirSync(cache, { recursive: true });
  const files = sourceFiles(".c").filter((name) => (only.get(name) ?? program) === program);
  // Others may compile or run it at the same time.
  const draft = `${path}.${process.pid}`;
  try {
    await promisify(execFile)(compiler, [...words, ...files.map(inSources), "-o", draft]);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw explain(error, compiler, program);
  }
  return path;
}

function sourceFiles(...endings: readonly string[]): readonly string[] {
  const names = readdirSync(sources).toSorted();
  return names.filter((name) => endings.some((ending) => name.endsWith(ending)));
}

function inSources(name: string): string {
  return join(sources, name);
}

function fingerprint(words: readonly string[]): string {
  const hash = createHash("sha256").update(words.join("\0"));
  for (const name of sourceFiles(".c", ".h")) {
    hash.update(`\0${name}\0`).update(readFileSync(inSources(name)));
  }
  return hash.digest("hex").slice(0, 16);
}

function explain(error: unknown, compiler: string, program: NativeProgram): Error {
  const { code, stderr } = error as { code?: unknown; stderr?: string };
  const message =
    code === "ENOENT"
      ? `there is no compiler ${compiler}: install one (Debian, Ubuntu: gcc and libc6-dev) or set CC to its path`
      : `${compiler} could not compile it: ${stderr ?? ""}`;
  return new Error(`The benchmark's program "${program}" is written in C, and ${message}`, {
    cause: error,
  });
}
