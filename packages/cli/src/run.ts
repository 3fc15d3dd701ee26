import { readFileSync } from "node:fs";
import type { Readable } from "node:stream";
import { hasColours, painter } from "./colours.js";
import { parseCommandLine } from "./command-line.js";
import { EXIT_CODES } from "./exit-code.js";
import { help } from "./help.js";
import type { Sink } from "./output.js";
import { runTail } from "./run-tail.js";
import { UsageError } from "./usage-error.js";

/** What surrounds the program. */
export interface Surroundings {
  readonly stdin: Readable;
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The exit code, and the signal that ended it, if one did. */
export interface Result {
  readonly code: number;
  readonly signal?: NodeJS.Signals;
}

/**
 * Runs the program.
 *
 * @param args - what stands behind its name
 * @param stop - ends it in good order, as the signal does that its reason names: SIGINT, or else SIGTERM
 */
export async function run(
  args: readonly string[],
  surroundings: Surroundings,
  stop: AbortSignal,
): Promise<Result> {
  const { stdout, stderr, env } = surroundings;
  try {
    const command = parseCommandLine(args);
    if (command.name === "tail") return await runTail(command.settings, surroundings, stop);
    stdout.write(command.name === "help" ? help() : `${version()}\n`);
    return { code: EXIT_CODES.done };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const paint = painter(hasColours("auto", stderr, env));
    const message = `${paint("red", `sluice: ${error.message}`)}\nTry: sluice --help\n`;
    stderr.write(message);
    return { code: EXIT_CODES.usage };
  }
}

function version(): string {
  const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { readonly version: string }).version;
}
