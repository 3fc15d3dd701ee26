import { setTimeout as delay } from "node:timers/promises";
import { dialHttp1, type Link } from "./link.js";
import type { Numbered } from "./redis-node.js";

/** What a client was told, in its order. */
export type Told =
  | ({ readonly kind: "event"; readonly id: string } & Numbered)
  | { readonly kind: "reset"; readonly channels: readonly string[]; readonly reason: string }
  | { readonly kind: "state" };

/** A client that comes back with its last id whenever its connection ends, to the next of several nodes. */
export class RedisFollower {
  readonly log: Told[] = [];
  readonly path: string;
  /** How often it was connected. */
  connects = 0;
  /** When it was told its last reset, and connected last, as `performance.now()` counts. */
  resetAt = 0;
  connectedAt = 0;
  lastId: string | undefined;
  /** The longest that it waits before it comes back, in milliseconds. */
  readonly #retry: number;
  #node: number;
  #link: Link | undefined;
  #over = false;
  #away = false;
  #following: Promise<void> | undefined;

  /** @param node - the number of the one that it begins with */
  constructor(path: string, node: number, retry = 20) {
    this.path = path;
    this.#node = node;
    this.#retry = retry;
  }

  get channels(): readonly string[] {
    return this.path.split("/").at(-1)!.split("+");
  }

  get isJoined(): boolean {
    return this.lastId !== undefined;
  }

  get resets(): readonly string[] {
    return this.log.flatMap((told) => (told.kind === "reset" ? [told.reason] : []));
  }

  /** Whether it has an event in all of its channels. */
  hasAll(publisher: string, seq: number): boolean {
    return this.channels.every((channel) =>
      this.log.some(
        (told) =>
          told.kind === "event" &&
          told.channel === channel &&
          told.publisher === publisher &&
          told.seq === seq,
      ),
    );
  }

  /** @param ports - of the nodes */
  follow(ports: () => readonly number[]): void {
    this.#following = this.#follow(ports);
  }

  /** Stays away until {@link comeBack}. */
  goAway(): void {
    this.#away = true;
    this.#link?.leave(true);
  }

  comeBack(): void {
    this.#away = false;
  }

  async leave(): Promise<void> {
    this.#over = true;
    this.#link?.leave(false);
    await this.#following;
  }

  async #follow(ports: () => readonly number[]): Promise<void> {
    while (!this.#over) {
      if (!this.#away) await this.#visit(ports()[this.#node % ports().length]!);
      // Another may be there.
      this.#node++;
      await delay(this.#retry * Math.random());
    }
  }

  async #visit(port: number): Promise<void> {
    const link = dialHttp1(port)(this.path, this.lastId, ({ id, event, data }) => {
      if (this.lastId === undefined || this.connectedAt === 0) this.connectedAt = performance.now();
      this.lastId = id;
      if (event === "stored") {
        const { channel, publisher, seq } = JSON.parse(data) as Numbered;
        this.log.push({ kind: "event", id, channel, publisher, seq });
      } else if (event === "state") this.log.push({ kind: "state" });
      else if (event === "sluice.reset") {
        const { channels, reason } = JSON.parse(data) as { channels: string[]; reason: string };
        this.log.push({ kind: "reset", channels, reason });
        this.resetAt = performance.now();
      }
    });
    this.#link = link;
    if (this.#over) link.leave(false);
    const watching = setInterval(() => {
      if (link.status !== 200) return;
      clearInterval(watching);
      this.connects++;
      this.connectedAt = performance.now();
    }, 5);
    await link.closed;
    clearInterval(watching);
  }
}
