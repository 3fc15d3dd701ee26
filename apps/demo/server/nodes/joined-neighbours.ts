import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { type Broker, Channels } from "@sluice/core";
import { type Hear, type LivingNode, Neighbours, type Post, type Shared } from "./neighbours.js";
import { BEAT, type Report, Roll } from "./roll.js";
import { Topic } from "./topic.js";

/** The other nodes, over channels of their broker. */
export class JoinedNeighbours extends Neighbours {
  override readonly id = randomUUID().slice(0, 8);
  readonly #started = Date.now();
  readonly #channels: Channels;
  readonly #end = new AbortController();
  readonly #roll = new Roll(this.id);
  readonly #reports: Shared<Report>;
  readonly #posts = new Map<string, unknown>();
  readonly #changed: (() => void)[] = [];
  readonly #lost: ((id: string) => void)[] = [];
  readonly #timer: NodeJS.Timeout;
  /** The report that is on its way, and whether there is more to say already. */
  #telling: Promise<void> | undefined;
  #hasMore = false;

  /** @param name - of this node */
  constructor(
    override readonly name: string,
    broker: Broker,
  ) {
    super();
    this.#channels = new Channels({ broker });
    this.#reports = this.share<Report>("reports", (report, id) => this.#heard(id, report));
    this.#timer = setInterval(() => this.#beat(), BEAT);
    this.#report();
  }

  override get leads(): boolean {
    return this.#roll.leads(this.#started, performance.now());
  }

  override get living(): readonly LivingNode[] {
    const own = { name: this.name, started: this.#started };
    const others = this.#roll.others.map(([, { name, started }]) => ({ name, started }));
    // Of a node that is started again, the process that was killed may not be counted out yet.
    const newest = new Map<string, LivingNode>();
    for (const node of [...others, own].toSorted((a, b) => a.started - b.started)) {
      newest.set(node.name, node);
    }
    return [...newest.values()].toSorted((a, b) => a.name.localeCompare(b.name));
  }

  override lives(id: string): boolean {
    return id === this.id || this.#roll.others.some(([other]) => other === id);
  }

  override share<T>(matter: string, hear: Hear<T>, past = 0): Shared<T> {
    return new Topic(this.#channels, matter, this.id, hear, past, this.#end.signal);
  }

  override post(matter: string, value: unknown): void {
    // What is said already goes out with each report.
    if (isDeepStrictEqual(this.#posts.get(matter), value)) return;
    this.#posts.set(matter, value);
    this.#report();
  }

  override posts(matter: string): readonly Post[] {
    return this.#roll.others
      .filter(([, { posts }]) => matter in posts)
      .map(([id, { name, leads, posts }]) => ({ id, name, leads, value: posts[matter] }));
  }

  override onChange(listener: () => void): void {
    this.#changed.push(listener);
  }

  override onLost(listener: (id: string) => void): void {
    this.#lost.push(listener);
  }

  /** Says that this node ends. The broker is closed with the application. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#telling;
    await this.#reports.tell(this.#own(true)).catch(() => {});
    this.#end.abort();
    await this.#channels.dispose();
  }

  #beat(): void {
    this.#report();
    this.#expire();
    // Who leads may have changed.
    for (const listener of this.#changed) listener();
  }

  #heard(id: string, report: Report): void {
    if (id === this.id) return;
    if (this.#roll.hear(id, report, performance.now())) this.#report();
    this.#expire();
    for (const listener of this.#changed) listener();
  }

  #expire(): void {
    for (const id of this.#roll.expire(performance.now())) {
      for (const listener of this.#lost) listener(id);
    }
  }

  /** One at a time: while Redis is away, none piles up. */
  #report(): void {
    this.#hasMore = true;
    this.#telling ??= this.#tellAll().finally(() => {
      this.#telling = undefined;
    });
  }

  async #tellAll(): Promise<void> {
    // What is posted in this turn is told together.
    await Promise.resolve();
    while (this.#hasMore && !this.#end.signal.aborted) {
      this.#hasMore = false;
      try {
        // oxlint-disable-next-line no-await-in-loop -- one at a time
        await this.#reports.tell(this.#own(false));
        this.#roll.stored(performance.now());
      } catch {
        // The next beat tells it.
        return;
      }
    }
  }

  #own(isLast: boolean): Report {
    const { name, leads } = this;
    const posts = isLast ? {} : Object.fromEntries(this.#posts);
    return { name, started: this.#started, leads, isLast, posts };
  }
}
