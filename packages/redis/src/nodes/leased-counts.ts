import type { NodesListener } from "@sluice/core";
import type { Connection } from "../connection.js";
import { randomText } from "../random-text.js";
import type { NodesSettings } from "./options.js";
import { COUNT, LEAVE, NODES, REPORT } from "./scripts.js";

/** For how many intervals a node counts that tells nothing any more. */
const LEASE = 3;

/** How many counts are told in one go, so that the server is not held up. */
const TOLD_AT_ONCE = 1_000;

/** What the nodes have, as each tells it from time to time. */
export class LeasedCounts {
  readonly #connection: Connection;
  readonly #settings: NodesSettings;
  readonly #listener: NodesListener;
  readonly #node = randomText(16);
  /** What the server was told last; undefined where nobody knows what it has. */
  #told: ReadonlyMap<string, number> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(connection: Connection, settings: NodesSettings, listener: NodesListener) {
    this.#connection = connection;
    this.#settings = settings;
    this.#listener = listener;
  }

  /** Begins to tell. */
  async begin(): Promise<void> {
    await this.#tell().catch(() => {
      // What has been told of a part is forgotten, or told again.
      this.#told = undefined;
    });
    if (this.#closed) return;
    const pause = this.#settings.countInterval * (0.8 + Math.random() / 5);
    this.#timer = setTimeout(() => void this.begin(), pause).unref();
  }

  /** @throws RedisBrokerError */
  async count(key: string): Promise<number> {
    const nodes = (await this.#connection.run(NODES, [this.#key("all")], [])) as string[];
    const others = nodes.filter((node) => node !== this.#node);
    if (others.length === 0) return 0;
    const keys = others.map((node) => this.#key(`of:${node}`));
    return Number(await this.#connection.run(COUNT, keys, [key]));
  }

  /** Ends telling, and takes back what was told. */
  async leave(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    // Otherwise the lease runs out.
    await this.#connection.run(LEAVE, this.#own, [this.#node]).catch(() => {});
  }

  async #tell(): Promise<void> {
    const counts = this.#listener.counts();
    const told = this.#told;
    if (told === undefined || !(await this.#send("part", changes(told, counts)))) {
      await this.#send("whole", [...counts]);
    }
    this.#told = counts;
  }

  /** @returns false where the server has forgotten what it was told before */
  async #send(what: "whole" | "part", counts: readonly [string, number][]): Promise<boolean> {
    const lease = String(this.#settings.countInterval * LEASE);
    // Told even if there is nothing new: it is what the lease goes by.
    for (let at = 0; at === 0 || at < counts.length; at += TOLD_AT_ONCE) {
      const some = counts.slice(at, at + TOLD_AT_ONCE).flatMap(([key, count]) => [key, `${count}`]);
      const args = [this.#node, lease, at === 0 ? what : "part", ...some];
      if (this.#closed) return true;
      if ((await this.#connection.run(REPORT, this.#own, args)) !== 1) return false;
    }
    return true;
  }

  get #own(): readonly string[] {
    return [this.#key("all"), this.#key(`of:${this.#node}`)];
  }

  #key(name: string): string {
    return `${this.#settings.prefix}nodes:{counts}:${name}`;
  }
}

/** What is to be told of counts that are other than they were; 0 of what is no more. */
function changes(
  told: ReadonlyMap<string, number>,
  counts: ReadonlyMap<string, number>,
): [string, number][] {
  const gone = [...told.keys()].filter((key) => !counts.has(key));
  const changed = [...counts].filter(([key, count]) => told.get(key) !== count);
  return [...changed, ...gone.map((key): [string, number] => [key, 0])];
}
