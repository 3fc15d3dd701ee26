// One demo node: a process that is started again when it has died.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { root } from "../process.mjs";

const MAIN = join(root, "apps/demo/dist/server/main.js");

/**
 * What a node has come to.
 *
 * @typedef {"up" | "down" | "failed"} NodeState
 */

export class DemoNode {
  /** @type {import("node:child_process").ChildProcess | undefined} */
  #child;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  /** @type {number | undefined} */
  #port;
  #isOver = false;

  /**
   * @param {object} options
   * @param {string} options.name
   * @param {NodeJS.ProcessEnv} options.env what the demo is told besides its port and its name
   * @param {number} options.comeBack after how long it is started again, in milliseconds
   * @param {(node: DemoNode, state: NodeState) => void} options.onState
   */
  constructor({ name, env, comeBack, onState }) {
    this.name = name;
    this.env = env;
    this.comeBack = comeBack;
    this.onState = onState;
  }

  /** Where it listens; undefined while it does not. */
  get port() {
    return this.#port;
  }

  /** The process that runs, if one does. */
  get process() {
    return this.#child;
  }

  get pid() {
    return this.#child?.pid;
  }

  /** Starts the process. Resolves when it listens or has failed. */
  async start() {
    clearTimeout(this.#timer);
    if (this.#isOver || this.#child !== undefined) return;
    const child = spawn(process.execPath, [MAIN], {
      env: { ...this.env, PORT: "0", HOST: "127.0.0.1", NODE_NAME: this.name },
      // The channel's end tells it when this process is gone.
      stdio: ["ignore", "pipe", "inherit", "ipc"],
      // Ctrl-C is for this process, which ends the nodes in order.
      detached: true,
    });
    this.#child = child;
    const ended = once(child, "exit");
    void ended.then(() => this.#ended());
    const lines = createInterface({ input: /** @type {any} */ (child.stdout) });
    const [line] = await Promise.race([once(lines, "line"), ended.then(() => [""])]);
    const port = /:(\d+)\/$/.exec(String(line))?.[1];
    if (port === undefined) return;
    this.#port = Number(port);
    this.onState(this, "up");
  }

  /** Kills it without a word: SIGKILL, as `kill -9` does. */
  kill() {
    this.#child?.kill("SIGKILL");
  }

  /** Ends it, as a deploy does, and does not start it again. */
  async stop() {
    this.#isOver = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === undefined) return;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  }

  #ended() {
    const listened = this.#port !== undefined;
    this.#child = undefined;
    this.#port = undefined;
    if (this.#isOver) return;
    this.onState(this, listened ? "down" : "failed");
    // What can't even start would fail again and again.
    if (listened) this.#timer = setTimeout(() => void this.start(), this.comeBack);
  }
}
