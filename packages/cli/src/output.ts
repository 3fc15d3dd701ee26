import type { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

/** A stream that may be a terminal. */
export type Sink = Writable & { readonly isTTY?: boolean; readonly columns?: number };

const ERASE_LINE = "\r\u001b[K";

/** How long a reader may take for the rest when it is time to stop, in milliseconds. */
const GRACE = 500;

/**
 * Writes to stdout and stderr, and keeps a status line below both where they are terminals: it is taken away before
 * anything is written, and put back after it.
 */
export class Output {
  readonly #stdout: Sink;
  readonly #stderr: Sink;
  readonly #stop: AbortSignal;
  #status = "";
  /** Ends the waiting for room. */
  #go = (): void => {};

  /** @param stop - ends the waiting for a reader that does not read */
  constructor(stdout: Sink, stderr: Sink, stop: AbortSignal) {
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.#stop = stop;
    stdout.on("drain", () => this.#go());
    stop.addEventListener("abort", () => this.#go());
  }

  /** Writes what the program is for. Resolves when there is room for more. */
  async write(chunk: string | Uint8Array): Promise<void> {
    const isShared = this.#stdout.isTTY === true;
    if (isShared) this.#erase();
    const hasRoom = this.#stdout.write(chunk);
    if (isShared) this.#draw();
    if (!hasRoom && !this.#stop.aborted) await new Promise<void>((go) => (this.#go = go));
  }

  /** Writes lines about it to stderr. */
  tell(lines: string): void {
    this.#erase();
    this.#stderr.write(`${lines}\n`);
    this.#draw();
  }

  /** Shows a status line, or none. */
  status(text: string): void {
    if (text === this.#status) return;
    this.#erase();
    this.#status = text;
    this.#draw();
  }

  /** Resolves when all that was written before is with its readers, or can't be. */
  async flush(): Promise<void> {
    for (const sink of [this.#stdout, this.#stderr]) {
      const written = new Promise((resolve) => sink.write("", resolve));
      await Promise.race([written, this.#stopped()]);
    }
  }

  async #stopped(): Promise<void> {
    if (!this.#stop.aborted) {
      await new Promise((resolve) => this.#stop.addEventListener("abort", resolve));
    }
    await sleep(GRACE, undefined, { ref: false });
  }

  #erase(): void {
    if (this.#status !== "") this.#stderr.write(ERASE_LINE);
  }

  #draw(): void {
    if (this.#status !== "") this.#stderr.write(this.#status);
  }
}
