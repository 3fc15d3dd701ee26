import type { Publication } from "../src/channel/broker.js";
import { CompositeCursor } from "../src/channel/composite-cursor.js";
import { parseCountedId } from "../src/channel/counted-id.js";
import { MemoryBroker } from "../src/channel/memory-broker.js";

/** What was stored: an event with the number that it carries, or the end. */
export interface Stored {
  readonly end: boolean;
  /** The text of an end, which is its outcome if that is not `done`. */
  readonly text: string;
  readonly key: number;
}

/** Of each channel the number of the entry that a cursor stands for; undefined where it has none. */
export type Place = (number | undefined)[];

/** A memory broker that remembers all that was ever stored in it. */
export class TruthfulBroker extends MemoryBroker {
  readonly #stored = new Map<string, Stored[]>();
  readonly #nonces = new Map<string, string>();

  /** What was stored in a channel; the first entry has the number 1. */
  stored(channel: string): readonly Stored[] {
    return this.#stored.get(channel) ?? [];
  }

  hasEnded(channel: string): boolean {
    return this.stored(channel).at(-1)?.end ?? false;
  }

  /** Whether one of these channels has ended with an outcome that is not `done`. */
  haveEnded(channels: readonly string[], outcome: string): boolean {
    return channels.some((channel) => this.stored(channel).at(-1)?.text === outcome);
  }

  override publish(publication: Publication): string {
    const { channel, kind, text } = publication;
    const stored = this.#stored.get(channel) ?? [];
    this.#stored.set(channel, stored);
    // First, because it may be received before this returns.
    if (!this.hasEnded(channel))
      stored.push({
        end: kind === "end",
        text: kind === "end" ? text : "",
        key: Number(/"key":(\d+)/.exec(text)?.[1]),
      });
    const count = stored.length;
    const id = super.publish(publication);
    const parsed = parseCountedId(id);
    if (parsed?.count !== count) throw new Error(`${id} is not number ${count}`);
    return id;
  }

  /** The number after which the last events come, as many of so many as are left of the history. */
  before(channel: string, count: number): number {
    const end = this.stored(channel).length;
    if (count === 0 || end === 0) return end;
    const wanted = this.hasEnded(channel) ? count + 1 : count;
    const nonce = this.#nonces.get(channel) ?? this.#learn(channel);
    return parseCountedId(this.rewind(channel, wanted, `1.${nonce}.${end}`))!.count;
  }

  /** Whether it refuses to read after an entry. */
  refuses(channel: string, number: number): boolean {
    const nonce = this.#nonces.get(channel) ?? this.#learn(channel);
    return this.read(channel, `1.${nonce}.${number}`, undefined, 1).refused !== undefined;
  }

  /** The number of the entry that a cursor stands for; undefined when it is none of this channel. */
  number(channel: string, cursor: string | undefined): number | undefined {
    const parsed = cursor === undefined ? undefined : parseCountedId(cursor);
    if (parsed === undefined || parsed.count > this.stored(channel).length) return undefined;
    const nonce = this.#nonces.get(channel) ?? this.#learn(channel);
    return parsed.nonce === nonce ? parsed.count : undefined;
  }

  /** Where a cursor stands in channels; undefined when it is no cursor for them. */
  place(channels: readonly string[], cursor: string): Place | undefined {
    const [only] = channels;
    if (channels.length === 1) {
      const number = this.number(only!, cursor);
      return number === undefined ? undefined : [number];
    }
    const parts = new CompositeCursor(channels).parse(cursor);
    return parts?.map((part, index) => this.number(channels[index]!, part));
  }

  /** The parts of a composite cursor that are for these channels. */
  parts(channels: readonly string[], cursor: string): (string | undefined)[] {
    return new CompositeCursor(channels).parse(cursor) ?? [];
  }

  /** A channel's position tells its nonce; asking for it leaves nothing behind. */
  #learn(channel: string): string {
    const silent = { deliver: () => undefined, reached: () => undefined };
    const following = this.follow(channel, silent);
    following.stop();
    const { nonce } = parseCountedId(following.position)!;
    this.#nonces.set(channel, nonce);
    return nonce;
  }
}
