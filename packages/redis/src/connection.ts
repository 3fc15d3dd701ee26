import { inTime } from "./deadline.js";
import { noAnswer, refusalOf, toFailure } from "./failure.js";
import { type ClientOptions, Link } from "./link.js";
import type { Script } from "./script.js";

/** A connection for commands, each of which has a deadline. */
export class Connection {
  readonly #link: Link;
  readonly #timeout: number;
  readonly #running = new Set<Promise<unknown>>();

  /**
   * @param timeout - in milliseconds
   * @param onReady - called whenever there is a new connection
   */
  constructor(url: string, options: ClientOptions, timeout: number, onReady = (): void => {}) {
    this.#link = new Link(url, options, timeout, async () => {}, onReady);
    this.#timeout = timeout;
  }

  /** How many connections there have been: another one may be to a server that lacks something. */
  get count(): number {
    return this.#link.count;
  }

  /**
   * Runs a script.
   *
   * @param args - may be made when it is known on which connection it runs, as {@link count} numbers them; again,
   *   where it has to be sent again
   * @param deadline - when nobody needs the answer any more, as `performance.now()` counts
   * @throws RedisBrokerError ERR_REDIS_OFFLINE when it was certainly not run; ERR_REDIS_REPLY when the server refused
   *   it, so that it changed nothing; ERR_REDIS_DEADLINE when nobody knows
   */
  async run(
    { sha, source }: Script,
    keys: readonly string[],
    args: readonly string[] | ((connection: number) => readonly string[]),
    deadline = Infinity,
  ): Promise<unknown> {
    const command = (...first: readonly string[]): readonly string[] => {
      const rest = typeof args === "function" ? args(this.count) : args;
      return [...first, String(keys.length), ...keys, ...rest];
    };
    try {
      return await this.#send(() => command("EVALSHA", sha), deadline);
    } catch (error) {
      if (refusalOf(error) !== "NOSCRIPT") throw error;
      return this.#send(() => command("EVAL", source), deadline);
    }
  }

  /** Waits for what is running, which has a deadline, and closes it. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#running);
    await this.#link.close();
  }

  async #send(command: () => readonly string[], deadline: number): Promise<unknown> {
    const client = await this.#link.ready(Math.min(this.#timeout, left(deadline)));
    // One that is no more sends nothing, whatever its number.
    const sending = client.sendCommand(command());
    const timeout = Math.min(this.#timeout, left(deadline));
    const answer = inTime(sending, timeout, () => {
      // Its later answers, and what it has not sent, are nobody's any more.
      if (timeout === this.#timeout) this.#link.renew(client);
      return noAnswer(timeout);
    });
    this.#running.add(answer);
    try {
      return await answer;
    } catch (cause) {
      const failure = toFailure(cause);
      // It is a replica now: the name of the primary leads elsewhere.
      if (refusalOf(failure) === "READONLY") this.#link.renew(client);
      throw failure;
    } finally {
      this.#running.delete(answer);
    }
  }
}

/** How long until a deadline; something at least, so that what is there at once is used. */
function left(deadline: number): number {
  return Math.max(1, deadline - performance.now());
}
