import type { AcknowledgedEvent } from "./page-judgement.js";
import { type Program, startProgram } from "./program.js";
import type { PageHistoryServer, PageHistoryTold } from "./programs/page-history-server.js";

/** A server that lives again and again at one port, with one history on the disk. */
export class StoryLives {
  /** In order, over all lives. */
  readonly acknowledged: AcknowledgedEvent[] = [];
  /** When each life that came so far began to listen, in milliseconds since 1970. */
  readonly starts: number[] = [];
  /** The times without a server, in milliseconds. */
  readonly outages: number[] = [];
  /** The most memory that a life told of, in bytes. */
  peakMemory = 0;
  /** How long the first life took to listen, the start of Node included, in milliseconds. */
  startTime = 0;
  /** Whether a page has come to this life. */
  isAsked = false;
  #path: string;
  #retry: number;
  #port = 0;
  #lives = 0;
  #killedAt: number | undefined;
  #current: Program<PageHistoryServer> | undefined;

  /** @param retry - how long pages are asked to wait before they come back, in milliseconds */
  constructor(path: string, retry: number) {
    this.#path = path;
    this.#retry = retry;
  }

  get current(): Program<PageHistoryServer> {
    return this.#current!;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /**
   * Begins the next life, which publishes from the start unless it is the first.
   *
   * @returns the promise that it listens, which rejects where it is killed before; it was started already
   */
  async begin(): Promise<{ readonly listening: Promise<void> }> {
    const began = performance.now();
    const life = this.#lives++;
    const server = await startProgram<PageHistoryServer>("page-history-server");
    this.#current = server;
    this.isAsked = false;
    server.onTold((told) => this.#hear(told as PageHistoryTold));
    const listening = server
      .call("listen", {
        path: this.#path,
        port: this.#port,
        retry: this.#retry,
        ...(life > 0 && { life }),
      })
      .then(([port, at]) => {
        this.#port = port;
        this.starts.push(at);
        if (this.#killedAt !== undefined) this.outages.push(performance.now() - this.#killedAt);
        else this.startTime = performance.now() - began;
        this.#killedAt = undefined;
      });
    // Nobody waits for a life that is killed before it listens.
    listening.catch(() => {});
    return { listening };
  }

  /** Resolves when the process is gone; at once where there is none. */
  async kill(): Promise<void> {
    this.#killedAt ??= performance.now();
    this.#current?.kill();
    await this.#current?.ended;
  }

  /** Has the process kill itself between storing an event and telling of it; resolves when it is gone. */
  async killUntold(): Promise<void> {
    this.#killedAt = performance.now();
    // The process may be gone before the answer is out.
    this.current.call("dieUntold").catch(() => {});
    await this.current.ended;
  }

  /**
   * The most requests that a page can have made which waits each time for as long as it was asked to:
   * the first one, and for each outage those in it, the one that ends it, and one for clocks that differ.
   */
  mostRequests(): number {
    const during = this.outages.map((outage) => Math.floor(outage / this.#retry) + 2);
    return during.reduce((sum, count) => sum + count, 1);
  }

  #hear(told: PageHistoryTold): void {
    if ("asked" in told) this.isAsked = true;
    else {
      this.acknowledged.push({ ...told.acknowledged, id: told.id });
      this.peakMemory = Math.max(this.peakMemory, told.memory);
    }
  }
}
