import { setTimeout as delay } from "node:timers/promises";
import { type Channel, SluiceError } from "@sluice/core";
import { SseTestError } from "@sluice/testing";
import type { ChaosEvents } from "./chaos-subjects.js";
import type { Truth } from "./truth.js";
import type { Testimony } from "./witness.js";

const BLOCK = "x".repeat(40_000);

/** Publishes numbered events to a channel, in bursts and one by one, and notes which are acknowledged. */
export class Publisher {
  readonly #channel: Channel<ChaosEvents>;
  readonly #name: string;
  readonly #random: () => number;
  readonly #largeShare: number;
  /** The ids, by number. */
  readonly #acknowledged = new Map<number, string>();
  /** The numbers of what was certainly not stored. */
  readonly #refused = new Set<number>();
  #seq = 0;

  /** @param largeShare - how many of the bursts hold a large event */
  constructor(
    channel: Channel<ChaosEvents>,
    name: string,
    random: () => number,
    largeShare: number,
  ) {
    this.#channel = channel;
    this.#name = name;
    this.#random = random;
    this.#largeShare = largeShare;
  }

  async publishUntil(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const burst = this.#random() < 0.2 ? Math.ceil(this.#random() * 30) : 1;
      // At most one of a burst is large: whoever reads must be able to keep up.
      const large = this.#random() < this.#largeShare ? 0 : -1;
      await Promise.all(Array.from({ length: burst }, (_, n) => this.publish(n === large)));
      await delay(this.#random() * 30);
    }
  }

  async publish(large = false): Promise<void> {
    const seq = this.#seq++;
    const filling = BLOCK.slice(0, large ? BLOCK.length : this.#random() * 800);
    const data = { channel: this.#channel.name, publisher: this.#name, seq, filling };
    try {
      const { id } = await this.#channel.publish({ event: "chaos", data });
      this.#acknowledged.set(seq, id);
    } catch (error) {
      const code = error instanceof SluiceError || error instanceof SseTestError ? error.code : "";
      if (code === "ERR_NOT_STORED") this.#refused.add(seq);
      // Stored or not: who publishes can't know.
      else if (code !== "ERR_FAULT") throw error;
    }
  }

  /** What was acknowledged must be in the channel, under its id and in its order; what was refused not. */
  compare(truth: Truth, testimony: Testimony): void {
    let after = -1;
    for (const [seq, id] of [...this.#acknowledged].toSorted(([a], [b]) => a - b)) {
      const index = truth.place(id)?.index ?? -1;
      const { data } = truth.of(this.#channel.name)[index] ?? { data: "{}" };
      const stored = JSON.parse(data) as { publisher?: string; seq?: number };
      if (stored.publisher !== this.#name || stored.seq !== seq) {
        testimony.fault(`${this.#channel.name}: ${this.#name} ${seq} was acknowledged as ${id}`);
      }
      if (index <= after) testimony.fault(`${this.#channel.name}: ${id} is out of order`);
      after = index;
    }
    for (const { data } of truth.of(this.#channel.name)) {
      const { publisher, seq } = JSON.parse(data) as { publisher: string; seq: number };
      if (publisher === this.#name && this.#refused.has(seq))
        testimony.fault(`${this.#channel.name}: ${publisher} ${seq} was refused, but is stored`);
    }
  }
}
