import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../dist/server/main.js", import.meta.url));

/** The demo as `npm start` runs it: a process of its own. */
export interface Demo {
  /** What the first line on stdout says. */
  readonly url: string;
  /** Sends a signal and waits for the end. @returns the exit code */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts the compiled demo on a free port. @param env - further variables */
export async function startDemo(
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
): Promise<Demo> {
  const child = launch({ PORT: "0", HOST: "127.0.0.1", ...env }, args);
  const ended = once(child, "exit");
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout! }), "line"),
    ended.then(() => ["the demo ended before it listened"]),
  ]);
  const url = /^Sluice demo: (http:\S+)\/$/.exec(String(line))?.[1];
  if (url === undefined) throw new Error(`The demo did not say where it listens: ${String(line)}`);
  return {
    url,
    stop: async (signal = "SIGTERM") => {
      child.kill(signal);
      await ended;
      return child.exitCode;
    },
  };
}

/** Runs the demo to its end, for settings with which it does not start. */
export async function runDemo(
  env: Readonly<Record<string, string>>,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = launch(env);
  const output = { stdout: "", stderr: "" };
  child.stdout!.on("data", (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr!.on("data", (chunk: Buffer) => (output.stderr += chunk.toString()));
  await once(child, "close");
  return { code: child.exitCode, ...output };
}

function launch(env: Readonly<Record<string, string>>, args: readonly string[] = []): ChildProcess {
  if (!existsSync(MAIN)) throw new Error("The demo is not compiled. Run `npm test -- apps/demo`.");
  return spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
}
