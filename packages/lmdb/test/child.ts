import { type ChildProcess, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

export interface Child {
  readonly process: ChildProcess;
  readonly lines: Interface;
}

/** Runs one of the programs in `fixtures`; it is killed when the test ends. */
export function runFixture(name: string, args: readonly string[], shell?: string): Child {
  const path = fileURLToPath(new URL(`fixtures/${name}.mjs`, import.meta.url));
  const [command, before] =
    shell === undefined ? [process.execPath, []] : ["sh", ["-c", shell, process.execPath]];
  const child = spawn(command, [...before, path, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return { process: child, lines: createInterface({ input: child.stdout }) };
}
