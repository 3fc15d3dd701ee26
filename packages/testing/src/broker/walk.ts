import assert from "node:assert/strict";
import type { Entry } from "@sluice/core";
import { Seeded } from "../seeded.js";
import { Bench, PLENTY } from "./bench.js";
import type { Settings } from "./options.js";
import type { Promised } from "./promised.js";
import { WalkChannel } from "./walk-channel.js";
import { sameList } from "./same.js";

const STEPS = 120;
const COUNTS = [2, 5, 1_000];
const STRANGE = ["", "$", "0-0", "\n", "__proto__"];

/** A publication that is on its way. */
interface Publishing {
  readonly channel: WalkChannel;
  readonly count: number;
  /** Undefined when it was refused, as it had to be. */
  readonly entry: Promise<Entry | undefined>;
}

/** A random sequence of everything that can be done with a broker, each step held against a list. */
class Walk {
  /** What was done, for the message of a failure. */
  readonly trail: string[] = [];
  readonly #bench: Bench;
  readonly #random: Seeded;
  readonly #channels: readonly WalkChannel[];
  #published = 0;

  constructor(bench: Bench, random: Seeded) {
    this.#bench = bench;
    this.#random = random;
    this.#channels = ["a", "b", "ü/{}"].map((name) => new WalkChannel(name, random.pick(COUNTS)));
  }

  async run(): Promise<void> {
    await this.#begin();
    for (let step = 0; step < STEPS; step++) await this.#step(this.#random.pick(this.#channels));
    await this.#checkListeners();
  }

  /** Follows every channel: one that is followed all the time keeps its cursors. */
  async #begin(): Promise<void> {
    for (const channel of this.#channels) {
      channel.listeners.clear();
      const listener = await this.#bench.follow(channel.name);
      channel.listeners.add(listener);
      if (channel.entries.length === 0) channel.start = listener.position;
      assert.equal(listener.position, channel.position);
    }
  }

  async #step(channel: WalkChannel): Promise<void> {
    const roll = this.#random.next();
    if (roll < 0.3) await this.#store(this.#publish(channel));
    else if (roll < 0.31) await this.#store([this.#publishTo(channel, "end")]);
    else if (roll < 0.45) await this.#follow(channel);
    else if (roll < 0.5) this.#stop(channel);
    else if (roll < 0.85) await this.#read(channel);
    else if (roll < 0.97 || this.#bench.settings.reopen === undefined) await this.#rewind(channel);
    else await this.#reopen();
  }

  /** Publishes some entries at once, to this channel and another. */
  #publish(channel: WalkChannel): Publishing[] {
    const other = this.#random.pick(this.#channels);
    return Array.from({ length: 1 + this.#random.below(4) }, () =>
      this.#publishTo(this.#random.happens(0.7) ? channel : other, "text"),
    );
  }

  #publishTo(channel: WalkChannel, kind: "text" | "end"): Publishing {
    if (this.#random.happens(0.02)) channel.count = this.#random.pick(COUNTS);
    const { name, count } = channel;
    const text = `data: ${this.#published++} ${"é".repeat(this.#random.below(50))}\n\n`;
    this.trail.push(`publish(${name}, ${kind}, count ${count})`);
    const options = { kind, history: { ...PLENTY, count } };
    const publish = () => this.#bench.publish(name, kind === "end" ? "" : text, options);
    const entry = channel.ended
      ? this.#bench.fails("ERR_CHANNEL_ENDED", publish).then(() => undefined)
      : publish();
    channel.ended ||= kind === "end";
    return { channel, count, entry };
  }

  /** Notes entries in the order of the calls, which must be theirs. */
  async #store(publishing: readonly Publishing[]): Promise<void> {
    const entries = await Promise.all(publishing.map(({ entry }) => entry));
    for (const [at, { channel, count }] of publishing.entries()) {
      const entry = entries[at];
      if (entry !== undefined) channel.add(entry, count);
    }
  }

  /** Follows while entries are published, before and behind. */
  async #follow(channel: WalkChannel): Promise<void> {
    const before = this.#random.happens(0.5) ? this.#publish(channel) : [];
    this.trail.push(`follow(${channel.name})`);
    const following = this.#bench.follow(channel.name);
    const after = this.#random.happens(0.5) ? this.#publish(channel) : [];
    const [listener] = await Promise.all([following, this.#store([...before, ...after])]);
    assert(channel.after(listener.position), `${listener.position} is no cursor of the channel`);
    channel.listeners.add(listener);
  }

  #stop(channel: WalkChannel): void {
    // The first one keeps the channel followed.
    const others = [...channel.listeners].slice(1).filter(({ isStopped }) => !isStopped);
    if (others.length === 0) return;
    this.trail.push(`stop(${channel.name})`);
    this.#random.pick(others).stop();
  }

  async #read(channel: WalkChannel): Promise<void> {
    const strange = this.#random.happens(0.1);
    const from = this.#random.happens(0.8) ? channel : this.#random.pick(this.#channels);
    const after = this.#random.pick(strange ? STRANGE : from.cursors);
    const through = this.#random.happens(0.3) ? this.#random.pick(channel.cursors) : undefined;
    const bytes = this.#random.pick([1, 40, 300, 65_536]);
    this.trail.push(`read(${channel.name}, ${after}, ${through ?? "newest"}, ${bytes})`);
    const options = through === undefined ? { bytes } : { bytes, through };
    if (strange) await this.#bench.refuses("malformed", channel.name, after, options);
    else channel.checkPage(await this.#bench.read(channel.name, after, options), after, through);
  }

  async #rewind(channel: WalkChannel): Promise<void> {
    const count = this.#random.below(8);
    const from = this.#random.pick(channel.cursors);
    this.trail.push(`rewind(${channel.name}, ${count}, ${from})`);
    const cursor = await this.#bench.rewind(channel.name, count, from);
    channel.checkRewound(cursor, count, from);
    sameList(await this.#bench.readAll(channel.name, cursor), channel.after(cursor)!);
  }

  async #reopen(): Promise<void> {
    await this.#checkListeners();
    this.trail.push("reopen()");
    await this.#bench.reopen();
    await this.#begin();
  }

  async #checkListeners(): Promise<void> {
    this.trail.push("what was told");
    for (const channel of this.#channels) {
      for (const listener of channel.listeners) {
        const entries = channel.after(listener.position)!;
        if (!listener.isStopped) await listener.hearsOf(entries);
        else listener.checkTold(entries);
        assert.deepEqual(listener.late, []);
      }
    }
  }
}

/** Random walks: what no list of cases thinks of. */
export const walks: readonly Promised[] = [
  {
    name: "whatever is done with channels, in whatever order, each of them stays a list",
    async run(bench) {
      const { settings } = bench;
      for (let seed = settings.seed; seed < settings.seed + settings.walks; seed++)
        await walk(settings, seed);
    },
  },
];

async function walk(settings: Settings, seed: number): Promise<void> {
  await using bench = await Bench.open(settings);
  const walk = new Walk(bench, new Seeded(seed));
  try {
    await walk.run();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const trail = walk.trail.slice(-8).join("\n  ");
    throw new assert.AssertionError({
      message: `The walk of the seed ${seed} failed after ${walk.trail.length} steps, at last\n  ${trail}\n${reason}`,
    });
  }
}
