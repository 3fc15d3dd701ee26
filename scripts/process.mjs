// Child processes of the scripts: their output, their signals and their exit code.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

/** The repository's root. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/** Signals that are this close together, in milliseconds, are one. */
const TWICE = 200;

/** Ends a script with a message of one line and no stack. */
export class Stop extends Error {
  /**
   * @param {string} message what is wrong and what to do about it; "" when the output says it
   * @param {number} [exitCode] the code that the script ends with
   */
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * Runs a program until it ends, in a process group of its own: a launcher that waits for its real
 * program, as tsc's does, would die of a signal and leave that program behind, so a signal to this
 * process goes to the whole group.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, quiet?: boolean }} [options] `quiet` prints the
 *   output only if the program fails
 * @returns {Promise<number>} its exit code, or 128 and the number of the signal that ended it
 */
export async function run(command, args, { cwd = root, env = process.env, quiet = false } = {}) {
  const output = quiet ? "pipe" : "inherit";
  const grouped = process.platform !== "win32";
  const child = spawn(command, args, {
    cwd,
    env,
    stdio: ["ignore", output, output],
    detached: grouped,
  });

  /** @type {Buffer[]} */
  const kept = [];
  child.stdout?.on("data", (chunk) => kept.push(chunk));
  child.stderr?.on("data", (chunk) => kept.push(chunk));

  /** @type {NodeJS.Signals[]} */
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  let interrupted = Number.NEGATIVE_INFINITY;
  /** @param {NodeJS.Signals} signal */
  const forward = (signal) => {
    // Ctrl-C reaches this process twice, from the terminal and from npm, and is meant once.
    const again = performance.now() - interrupted < TWICE;
    interrupted = performance.now();
    if (again || child.pid === undefined) return;
    try {
      process.kill(grouped ? -child.pid : child.pid, signal);
    } catch {
      // It has just ended by itself.
    }
  };
  for (const signal of signals) process.on(signal, forward);

  try {
    /** @type {number} */
    const code = await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (exitCode, signal) => {
        resolve(exitCode ?? 128 + (signal === null ? 0 : constants.signals[signal]));
      });
    });
    if (code !== 0 && interrupted < 0) process.stderr.write(Buffer.concat(kept));
    return code;
  } finally {
    for (const signal of signals) process.off(signal, forward);
  }
}

/**
 * Runs a script's main function, prints what a {@link Stop} says and sets the exit code.
 *
 * @param {() => Promise<number>} main gives the exit code
 */
export async function start(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    if (error.message !== "") console.error(error.message);
    process.exitCode = error.exitCode;
  }
}
