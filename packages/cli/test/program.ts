import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** The program as npm links it. */
export const PROGRAM = fileURLToPath(new URL("../bin/sluice.js", import.meta.url));
const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));

/** How a program has ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs. It is killed when the test is over. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  readonly stdout: string;
  readonly stderr: string;
  /** Resolves when what was printed matches. */
  until(stream: "stdout" | "stderr", pattern: RegExp): Promise<RegExpExecArray>;
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** What it is sent on stdin; nothing leaves stdin open. */
  readonly input?: string;
}

/** Starts `sluice` with these arguments. */
export function start(args: readonly string[], options: StartOptions = {}): Running {
  return launch(process.execPath, [PROGRAM, ...args], options);
}

/** Runs `sluice` to its end. */
export function sluice(args: readonly string[], options: StartOptions = {}): Promise<Ended> {
  return start(args, { input: "", ...options }).ended;
}

/** The program, in a line for a shell. */
export const SLUICE = '"$NODE" "$PROGRAM"';

/** Runs a line in a shell. */
export function shell(line: string, options: StartOptions = {}): Running {
  return launch("bash", ["--norc", "-c", line], options);
}

/** Whether there is a `script` that can make a terminal; why not, else. */
export function noTerminal(): string | undefined {
  const { stdout } = spawnSync("script", ["--version"], { encoding: "utf8" });
  return stdout?.includes("util-linux") ? undefined : "util-linux's `script` is not installed";
}

/** Starts `sluice` in a terminal; its stdout and stderr both come as `stdout`. */
export function startInTerminal(
  args: readonly string[],
  { columns = 80, env }: { readonly columns?: number; readonly env?: StartOptions["env"] } = {},
): Running {
  const command = `stty cols ${columns} rows 24; exec ${SLUICE} ${args.map(quote).join(" ")}`;
  return launch("script", ["-qec", command, "/dev/null"], { env: { TERM: "xterm", ...env } });
}

export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function launch(command: string, args: readonly string[], { env, input }: StartOptions): Running {
  if (!existsSync(MAIN))
    throw new Error("The program is not compiled. Run `npm test -- packages/cli`.");
  const child = spawn(command, args, {
    env: {
      PATH: process.env["PATH"],
      NODE: process.execPath,
      PROGRAM,
      TZ: "UTC",
      ...env,
    },
    stdio: ["pipe", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  if (input !== undefined) child.stdin.end(input);
  const texts = { stdout: "", stderr: "" };
  const watchers = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      texts[name] += text;
      for (const watch of watchers) watch();
    });
  }
  const ended = once(child, "close").then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
    ...texts,
  }));
  return {
    child,
    ended,
    get stdout() {
      return texts.stdout;
    },
    get stderr() {
      return texts.stderr;
    },
    until(stream, pattern) {
      return new Promise((resolve, reject) => {
        const watch = (): void => {
          const found = pattern.exec(texts[stream]);
          if (found === null) return;
          watchers.delete(watch);
          resolve(found);
        };
        watchers.add(watch);
        watch();
        void ended.then(() => reject(new Error(`${pattern}: not in ${JSON.stringify(texts)}`)));
      });
    },
  };
}
