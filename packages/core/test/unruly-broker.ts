import type {
  Broker,
  Entry,
  Follower,
  Following,
  Page,
  Publication,
} from "../src/channel/broker.js";

/** What becomes of something that a follower is to be told. */
export type Fate = "told" | "late" | "lost" | "doubled";

/** How unruly a broker is; what a list doesn't say any more goes well. */
export interface Whims {
  readonly fates: readonly Fate[];
  /** Which calls fail, before they have done anything. */
  readonly failures: readonly boolean[];
}

/** What a broker of a whim fails with. */
export class BrokerFailure extends Error {}

/**
 * A broker that lets everything wait, and that tells its followers late, twice, in another order or
 * not at all. What it stores and gives back is another's, and right.
 */
export class UnrulyBroker implements Broker {
  readonly #inner: Broker;
  readonly #later: (what: string) => Promise<void>;
  readonly #fates: Fate[];
  readonly #failures: boolean[];
  readonly #followers = new Set<Rumour>();
  readonly #newest = new Map<string, string>();
  #started = 0;

  /** @param later - resolves some time after */
  constructor(inner: Broker, later: (what: string) => Promise<void>, whims: Whims) {
    this.#inner = inner;
    this.#later = later;
    this.#fates = [...whims.fates];
    this.#failures = [...whims.failures];
  }

  /** How many follow. */
  get followers(): number {
    return this.#followers.size;
  }

  /** From now on nothing fails, and everything is told. */
  behave(): void {
    this.#fates.length = 0;
    this.#failures.length = 0;
  }

  /** Tells everyone how far their channel has come, as a broker does from time to time. */
  probe(): void {
    for (const { channel, follower } of this.#followers) {
      const newest = this.#newest.get(channel);
      if (newest !== undefined) follower.reached(newest);
    }
  }

  async publish(publication: Publication): Promise<string> {
    await this.#later("publish");
    this.#mayFail();
    const id = await this.#inner.publish(publication);
    this.#newest.set(publication.channel, id);
    await this.#later("acknowledge");
    return id;
  }

  async follow(channel: string, follower: Follower): Promise<Following> {
    await this.#later("follow");
    this.#mayFail();
    const rumour = new Rumour(channel, follower, this.#later, () => this.#fates.shift() ?? "told");
    const following = await this.#inner.follow(channel, rumour);
    this.#followers.add(rumour);
    await this.#later("followed");
    void this.#startSoon(rumour);
    return {
      position: following.position,
      ended: following.ended,
      stop: () => {
        rumour.stop();
        this.#followers.delete(rumour);
        following.stop();
      },
    };
  }

  async read(
    channel: string,
    after: string,
    through: string | undefined,
    bytes: number,
  ): Promise<Page> {
    await this.#later("read");
    this.#mayFail();
    const page = await this.#inner.read(channel, after, through, bytes);
    await this.#later("page");
    return page;
  }

  async rewind(channel: string, count: number, from: string): Promise<string> {
    await this.#later("rewind");
    this.#mayFail();
    return this.#inner.rewind(channel, count, from);
  }

  async close(): Promise<void> {
    await this.#inner.close();
  }

  /** Each time some steps later: whoever follows may need some until it is ready. */
  async #startSoon(rumour: Rumour): Promise<void> {
    const steps = this.#started++ % 6;
    for (let step = 0; step < steps; step++) await Promise.resolve();
    rumour.start();
  }

  #mayFail(): void {
    if (this.#failures.shift() === true) throw new BrokerFailure("The broker fails.");
  }
}

/** Passes on to a follower what it is told, more or less. */
class Rumour implements Follower {
  readonly channel: string;
  readonly follower: Follower;
  readonly #later: (what: string) => Promise<void>;
  readonly #fate: () => Fate;
  /** What came before the follower may be told anything. */
  #early: (() => void)[] | undefined = [];
  #stopped = false;

  constructor(
    channel: string,
    follower: Follower,
    later: (what: string) => Promise<void>,
    fate: () => Fate,
  ) {
    this.channel = channel;
    this.follower = follower;
    this.#later = later;
    this.#fate = fate;
  }

  start(): void {
    const early = this.#early!;
    this.#early = undefined;
    for (const tell of early) tell();
  }

  stop(): void {
    this.#stopped = true;
  }

  deliver(previous: string, entry: Entry): void {
    const tell = () => this.#tell(() => this.follower.deliver(previous, entry));
    switch (this.#fate()) {
      case "doubled":
        tell();
        tell();
        break;
      case "late":
        void this.#later("tell").then(tell);
        break;
      case "told":
        tell();
        break;
      case "lost":
        break;
    }
  }

  reached(position: string): void {
    this.#tell(() => this.follower.reached(position));
  }

  #tell(tell: () => void): void {
    if (this.#stopped) return;
    if (this.#early !== undefined) this.#early.push(tell);
    else tell();
  }
}
