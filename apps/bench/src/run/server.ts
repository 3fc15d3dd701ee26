import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { BenchError } from "../errors.js";
import { bench } from "../folders.js";

/** Where a server's streams and commands are, and whose processor time counts. */
export interface Ports {
  readonly port: number;
  readonly control: number;
  readonly pid: number;
}

/** A program and its arguments. */
export type Command = readonly [string, ...string[]];

/** The exit code of a server whose framework is not installed. */
const ABSENT = 3;
/** How much of what a server says on its standard error is kept: the end says most. */
const KEPT = 2_000;
/** Milliseconds that a server has to end by itself. */
const ENDING = 3_000;

/** A server's process, in a process group of its own: whatever it has started goes with it. */
export class Server {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #said = "";
  /** Ended by {@link stop}. */
  #stopped = false;

  private constructor(command: Command) {
    const [program, ...args] = command;
    this.#child = spawn(program, args, {
      cwd: bench,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#said = (this.#said + text).slice(-KEPT);
    });
    this.#ended = new Promise((resolve) => {
      // One that can't be started emits no `close`.
      this.#child.once("error", ({ message }) => {
        this.#said = message;
        resolve();
      });
      this.#child.once("close", () => resolve());
    });
  }

  /**
   * Starts a server and waits until it listens.
   *
   * @param patience - milliseconds that it has for that
   * @throws BenchError if it does not
   */
  static async start(
    command: Command,
    patience = 30_000,
  ): Promise<{ server: Server; ports: Ports }> {
    const server = new Server(command);
    try {
      return { server, ports: await server.#ready(patience) };
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** Why it has ended, if it has and nobody asked it to. */
  get accident(): string | undefined {
    const { exitCode, signalCode } = this.#child;
    if (this.#stopped || (exitCode === null && signalCode === null)) return undefined;
    return `the server ended with ${signalCode ?? `exit code ${String(exitCode)}`}${this.#remark()}`;
  }

  /** Ends it and all that it has started. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#child.kill("SIGTERM");
    const late = setTimeout(() => this.#killGroup(), ENDING);
    await this.#ended;
    clearTimeout(late);
    this.#killGroup();
  }

  /** The same at once and without a farewell, for when this process ends. */
  kill(): void {
    this.#stopped = true;
    this.#killGroup();
  }

  async #ready(patience: number): Promise<Ports> {
    const { stdout } = this.#child;
    const late = setTimeout(() => {
      this.#said = `it was not ready after ${patience / 1_000} s`;
      this.#killGroup();
    }, patience);
    try {
      for await (const line of createInterface({ input: stdout! })) {
        if (line.startsWith("{")) return JSON.parse(line) as Ports;
        this.#said += `${line}\n`;
      }
      await this.#ended;
    } finally {
      clearTimeout(late);
      // Whatever else it prints is let through.
      stdout?.resume();
    }
    if (this.#child.exitCode === ABSENT) throw new BenchError("absent", this.#said);
    throw new BenchError("failed", this.accident ?? this.#said);
  }

  #remark(): string {
    const line = this.#said.split("\n").find((line) => /error/i.test(line)) ?? this.#said;
    return line.trim() === "" ? "" : `: ${line.trim()}`;
  }

  #killGroup(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // The group has ended.
    }
  }
}
