import {
  type Broker,
  type Follower,
  type Following,
  type Page,
  type Publication,
  type RunStore,
  SluiceError,
} from "@sluice/core";
import { type Chaos, ChaosLine } from "./chaos-line.js";
import { type ChaosFaults, type ChaosOptions, DEFAULT_FAULTS } from "./chaos-options.js";
import { SseTestError } from "./errors.js";
import { Seeded } from "./seeded.js";

const CALM: ChaosFaults = {
  delay: 0,
  drop: 0,
  double: 0,
  reorder: 0,
  reach: 0,
  slow: 0,
  failRead: 0,
  failFollow: 0,
  failPublish: 0,
  loseAnswer: 0,
};

/**
 * A broker that behaves as badly as a broker may: what another one stores stays as it is, but it is
 * told late, twice, in another order or not at all, and calls are slow or fail. What comes out must be
 * right all the same.
 *
 * Chance is seeded, and time is that of the scheduler: a test that failed fails again.
 */
export class ChaosBroker implements Broker {
  /** That of the broker which stores, as it is. */
  readonly runs?: RunStore;
  readonly #broker: Broker;
  readonly #chaos: Chaos;
  readonly #lines = new Set<ChaosLine>();
  readonly #calls = new Set<Promise<unknown>>();
  /** The last publication; the next one waits for it, so that they keep their order. */
  #published: Promise<unknown> = Promise.resolve();

  /** @param broker - the one that stores */
  constructor(broker: Broker, options: ChaosOptions = {}) {
    const { seed = 1, schedule = setImmediate, ...faults } = options;
    this.#broker = broker;
    if (broker.runs !== undefined) this.runs = broker.runs;
    this.#chaos = { random: new Seeded(seed), faults: { ...DEFAULT_FAULTS, ...faults }, schedule };
  }

  publish(publication: Publication): Promise<string> {
    const call = this.#published.then(() => this.#publish(publication));
    this.#published = call.catch(() => undefined);
    return this.#track(call);
  }

  follow(channel: string, follower: Follower): Promise<Following> {
    return this.#track(this.#follow(channel, follower));
  }

  read(channel: string, after: string, through: string | undefined, bytes: number): Promise<Page> {
    return this.#track(this.#reading(() => this.#broker.read(channel, after, through, bytes)));
  }

  rewind(channel: string, count: number, from: string): Promise<string> {
    return this.#track(this.#reading(() => this.#broker.rewind(channel, count, from)));
  }

  async close(): Promise<void> {
    await this.#broker.close();
    for (const line of this.#lines) line.stop();
    this.#lines.clear();
  }

  /**
   * Waits for the calls that are on their way, then tells everyone what is on its way to them and how
   * far their channels have come. Faults go on.
   */
  async settle(): Promise<void> {
    while (this.#calls.size > 0) await Promise.allSettled(this.#calls);
    // A follower is told from the turn after its call on.
    await new Promise<void>((resolve) => this.#chaos.schedule(resolve));
    for (const line of this.#lines) line.settle();
  }

  /** Ends all faults, for good, and settles. */
  async calm(): Promise<void> {
    this.#chaos.faults = CALM;
    await this.settle();
  }

  async #publish(publication: Publication): Promise<string> {
    await this.#pause();
    const { channel } = publication;
    if (this.#happens("failPublish")) {
      throw new SluiceError(
        "ERR_NOT_STORED",
        `The event for the channel ${JSON.stringify(channel)} was not stored: ChaosBroker refused it, as its failPublish asks for.`,
      );
    }
    const id = await this.#broker.publish(publication);
    await this.#pause();
    if (this.#happens("loseAnswer"))
      throw fault(`publish to ${JSON.stringify(channel)}`, "loseAnswer");
    return id;
  }

  async #follow(channel: string, follower: Follower): Promise<Following> {
    await this.#pause();
    if (this.#happens("failFollow")) throw fault(`follow ${JSON.stringify(channel)}`, "failFollow");
    const line = new ChaosLine(this.#chaos, follower);
    const following = await this.#broker.follow(channel, line);
    this.#lines.add(line);
    line.open();
    const { position, ended } = following;
    return {
      position,
      ended,
      stop: () => {
        following.stop();
        line.stop();
        this.#lines.delete(line);
      },
    };
  }

  async #reading<T>(read: () => T | Promise<T>): Promise<T> {
    await this.#pause();
    if (this.#happens("failRead")) throw fault("read", "failRead");
    return read();
  }

  /** Some turns, or none. */
  async #pause(): Promise<void> {
    if (!this.#happens("slow")) return;
    for (let turns = 1 + this.#chaos.random.below(3); turns > 0; turns--)
      await new Promise<void>((resolve) => this.#chaos.schedule(resolve));
  }

  #happens(fault: keyof ChaosFaults): boolean {
    return this.#chaos.random.happens(this.#chaos.faults[fault]);
  }

  async #track<T>(call: Promise<T>): Promise<T> {
    this.#calls.add(call);
    try {
      return await call;
    } finally {
      this.#calls.delete(call);
    }
  }
}

function fault(call: string, option: keyof ChaosFaults): SseTestError {
  return new SseTestError(
    "ERR_FAULT",
    `ChaosBroker made the call to ${call} fail, as its ${option} asks for.`,
  );
}
