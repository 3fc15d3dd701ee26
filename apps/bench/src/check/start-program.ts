import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { BenchError } from "../errors.js";
import { bench } from "../folders.js";
import type { Answer, Call } from "./program/orders.js";
import type { CheckProgram, MeterName } from "./program/program.js";

// The compiled one, also where this file is run as it is.
const PROGRAM = join(bench, "dist/check/program/program.js");

/**
 * The young generation is as large as it takes for a stretch to go by without a collection, and code
 * stays, however long it is not run.
 */
const FLAGS = [
  "--expose-gc",
  "--max-semi-space-size=128",
  "--min-semi-space-size=128",
  "--no-flush-bytecode",
];

/** The program, seen from outside. */
export interface Program extends AsyncDisposable {
  /** Where it listens. */
  readonly port: number;
  call<K extends keyof CheckProgram>(
    name: K,
    ...args: Parameters<CheckProgram[K]>
  ): Promise<Awaited<ReturnType<CheckProgram[K]>>>;
}

/** How a program is started. */
export interface StartOptions {
  /** A command that runs the words behind it. */
  readonly launcher?: readonly string[];
  /** Further options of Node. */
  readonly flags?: readonly string[];
}

/**
 * Starts the program and has it listen.
 *
 * @throws BenchError `failed` when it is not compiled, or ends by itself
 */
export async function startProgram(
  meter: MeterName,
  { launcher = [], flags = [] }: StartOptions = {},
): Promise<Program> {
  if (!existsSync(PROGRAM))
    throw new BenchError("failed", "The benchmark is not compiled: npm run build does that.");
  const [execPath = "", ...execArgv] = [...launcher, process.execPath, ...FLAGS, ...flags];
  const { NODE_OPTIONS: _options, NODE_V8_COVERAGE: _coverage, ...env } = process.env;
  const child = fork(PROGRAM, [meter], {
    execPath,
    execArgv,
    env: { ...env, NODE_ENV: "production" },
  });
  const waiting: { resolve: (result: never) => void; reject: (error: Error) => void }[] = [];
  child.on("message", ({ result, error }: Answer) => {
    const { resolve, reject } = waiting.shift()!;
    if (error === undefined) resolve(result as never);
    else reject(new BenchError("failed", error));
  });
  const ended = once(child, "exit").then(() => {
    for (const { reject } of waiting)
      reject(new BenchError("failed", "The program that is measured has ended."));
  });
  const call: Program["call"] = (name, ...args) =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      child.send({ name, args } satisfies Call, (error) => {
        if (error !== null) reject(error);
      });
    });
  return {
    port: await call("listen"),
    call,
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
