import { setTimeout as delay } from "node:timers/promises";
import { dialHttp1, type Link } from "./link.js";
import type { Acknowledged } from "./programs/history-server.js";

/** A client that comes back with its last id whenever its connection ends, as a browser does. */
export class Follower {
  readonly events: Acknowledged[] = [];
  /** The data of each `sluice.reset`. */
  readonly resets: string[] = [];
  /** How often it was connected. */
  connects = 0;
  #lastId: string | undefined;
  #link: Link | undefined;
  #over = false;

  /** Whether it has a position, from which it misses nothing. */
  get isJoined(): boolean {
    return this.#lastId !== undefined;
  }

  /** Resolves when it has left. */
  async follow(port: number, path: string): Promise<void> {
    const dial = dialHttp1(port);
    while (!this.#over) {
      const link = dial(path, this.#lastId, ({ id, event, data }) => {
        this.#lastId = id;
        if (event === "sluice.reset") this.resets.push(data);
        else if (event === "stored") {
          const { channel, publisher, seq } = JSON.parse(data) as Acknowledged;
          this.events.push({ id, channel, publisher, seq });
        }
      });
      this.#link = link;
      await link.closed;
      if (link.status === 200) this.connects++;
      await delay(5);
    }
  }

  leave(): void {
    this.#over = true;
    this.#link?.leave(false);
  }
}
