import { execFile } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
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
const shared = join(sources, "shared");
const flags = ["-std=c11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-Werror", `-I${shared}`];

/** Options of {@link compile}. */
export interface CompileOptions {
  /**
   * The compiler, with words of its own if it has any.
   * @defaultValue the environment's `CC`, or `CC_PATH`, or `cc`
   */
  readonly compiler?: string;
  /** Further words, such as `-fsanitize=address`. */
  readonly flags?: readonly string[];
}

const underWay = new Map<string, Promise<void>>();

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
  const compiler = options.compiler ?? (process.env["CC"] || process.env["CC_PATH"] || "cc");
  const words = [...compiler.split(" "), ...flags, ...(options.flags ?? [])];
  const files = [shared, join(sources, program)].flatMap(filesIn);
  const path = join(cache, `${program}-${fingerprint(words, files)}`);
  if (existsSync(path)) return path;

  const units = files.filter((file) => file.endsWith(".c"));
  const made = underWay.get(path) ?? make(program, path, [...words, ...units]);
  underWay.set(path, made);
  try {
    await made;
  } finally {
    underWay.delete(path);
  }
  return path;
}

async function make(
  program: NativeProgram,
  path: string,
  [compiler = "cc", ...words]: readonly string[],
): Promise<void> {
  mkdirSync(cache, { recursive: true });
  // Another process may compile or run it at the same time.
  const draft = `${path}.${randomUUID()}`;
  try {
    await promisify(execFile)(compiler, [...words, "-o", draft]);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw explain(error, compiler, program);
  }
}

function filesIn(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => /\.[ch]$/.test(name));
  return names.toSorted().map((name) => join(folder, name));
}

function fingerprint(words: readonly string[], files: readonly string[]): string {
  const hash = createHash("sha256").update(words.join("\0"));
  for (const file of files) hash.update(`\0${file}\0`).update(readFileSync(file));
  return hash.digest("hex").slice(0, 16);
}

function explain(error: unknown, compiler: string, program: NativeProgram): Error {
  const { code, stderr } = error as { code?: unknown; stderr?: string };
  const message =
    code === "ENOENT"
      ? `there is no compiler ${compiler}: install one (Debian, Ubuntu: the package build-essential) or set CC to its path`
      : `${compiler} could not compile it: ${stderr || String(error)}`;
  return new Error(`The benchmark's program "${program}" is written in C, and ${message}`, {
    cause: error,
  });
}
