// A program in a process of its own, and the questions that it is asked.
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** @typedef {Readonly<Record<string, (...args: never[]) => unknown>>} Commands */

/**
 * Starts a file of this folder.
 *
 * @template {Commands} C what it answers, by name; arguments and results travel as structured clones
 * @param {string} name of the file, without `.mjs`
 */
export async function startProgram(name) {
  const child = fork(fileURLToPath(new URL(`${name}.mjs`, import.meta.url)), {
    execArgv: ["--expose-gc", "--no-warnings"],
    env: { ...process.env, NODE_ENV: "production" },
    serialization: "advanced",
  });
  /** @type {Map<number, { resolve: (result: any) => void, reject: (error: Error) => void }>} */
  const waiting = new Map();
  let calls = 0;
  child.on("message", (/** @type {{ id: number, result?: unknown, error?: string }} */ answer) => {
    const { id, result, error } = answer;
    const asked = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) asked?.resolve(result);
    else asked?.reject(new Error(`${name}: ${error}`));
  });
  const ended = once(child, "exit").then(() => {
    for (const { reject } of waiting.values()) reject(new Error(`${name} has ended`));
  });
  await once(child, "spawn");
  return {
    /**
     * @template {keyof C & string} K
     * @param {K} command
     * @param {Parameters<C[K]>} args
     * @returns {Promise<Awaited<ReturnType<C[K]>>>}
     */
    call(command, ...args) {
      return new Promise((resolve, reject) => {
        const id = calls++;
        waiting.set(id, { resolve, reject });
        child.send({ id, command, args });
      });
    },
    /** Ends it at once, as `kill -9` does. */
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
    async end() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

/** @param {Commands} commands what this process answers, until it is let go of */
export function answer(commands) {
  process.on("disconnect", () => process.exit());
  /** @param {{ id: number, command: string, args: never[] }} question */
  const run = async ({ id, command, args }) => {
    try {
      process.send?.({ id, result: await commands[command]?.(...args) });
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? error.stack : String(error) });
    }
  };
  process.on("message", (/** @type {Parameters<typeof run>[0]} */ question) => void run(question));
}

/** CPU time that this process has used so far, in microseconds. */
export function cpuTime() {
  const { user, system } = process.cpuUsage();
  return user + system;
}
