import { execFile } from "node:child_process";
import { promisify } from "node:util";

const MISSING =
  "strace is missing: install it (Debian, Ubuntu: the package strace) or set STRACE_PATH to its path.";

/**
 * The command that traces system calls.
 *
 * @returns it, or why it can't be used here: it is not installed, or the system forbids tracing
 */
export async function findStrace(
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ readonly command: string } | { readonly impossible: string }> {
  if (env["SLUICE_NO_STRACE"] === "1") return { impossible: MISSING };
  const command = env["STRACE_PATH"] || "strace";
  try {
    await promisify(execFile)(command, ["-o", "/dev/null", process.execPath, "--version"]);
    return { command };
  } catch (error) {
    const { code, stderr = "" } = error as { code?: unknown; stderr?: string };
    if (code === "ENOENT") return { impossible: MISSING };
    return { impossible: stderr.trim().split("\n", 1).join() || String(error) };
  }
}
