import { SluiceError } from "../errors.js";
import { show } from "../show.js";
import type { Broker, Follower, Following, Page, Publication } from "./broker.js";
import { parseCountedId } from "./counted-id.js";
import { MemoryLog, type Usage } from "./memory-log.js";

/** How often histories that nobody publishes to are looked through for what is too old, in milliseconds. */
const SWEEP_INTERVAL = 5_000;

const DEFAULT_MAX_BYTES = 268_435_456;

/**
 * Of how many channels that nobody follows and that have no history the position is remembered, and
 * how long, in milliseconds: who comes back to one of them has missed nothing, and is not told otherwise.
 */
const MAX_RESTING = 10_000;
const REST = 600_000;

export interface MemoryBrokerOptions {
  /**
   * How many bytes the histories of all channels may take together: the texts, and about 200 bytes for
   * each event and 600 for each channel. Beyond it, the oldest events of the channel that has been
   * published to least recently are forgotten.
   * @defaultValue 268,435,456
   */
  readonly maxBytes?: number;
}

/**
 * The broker of a single process: histories are in memory and end with it. A channel without
 * followers and history costs nothing, but that its position is remembered for a while.
 */
export class MemoryBroker implements Broker {
  readonly #maxBytes: number;
  readonly #logs = new Map<string, MemoryLog>();
  /** The logs that have a history, the least recently published one first. */
  readonly #kept = new Set<MemoryLog>();
  /** The one that was published to last. */
  #latest: MemoryLog | undefined;
  /** Those of which only the position is left, and since when; the one that rests longest first. */
  readonly #resting = new Map<MemoryLog, number>();
  readonly #usage: Usage = { bytes: 0 };
  #sweep: NodeJS.Timeout | undefined;
  #closed = false;

  /** @throws SluiceError `ERR_OPTION` */
  constructor({ maxBytes = DEFAULT_MAX_BYTES }: MemoryBrokerOptions = {}) {
    if (!Number.isSafeInteger(maxBytes) || maxBytes < 0) {
      throw new SluiceError(
        "ERR_OPTION",
        `MemoryBroker: maxBytes must be a whole number of bytes, not ${show(maxBytes)}.`,
      );
    }
    this.#maxBytes = maxBytes;
  }

  /** How many channels are held, because they are followed or have a history. */
  get channels(): number {
    return this.#logs.size - this.#resting.size;
  }

  /** How many bytes all histories take, as `maxBytes` counts them. */
  get bytes(): number {
    return this.#usage.bytes;
  }

  publish({ channel, kind, text, history }: Publication): string {
    const log = this.#log(channel);
    if (log.ended !== undefined) {
      this.#settle(log);
      throw new SluiceError(
        "ERR_CHANNEL_ENDED",
        `The channel ${JSON.stringify(channel)} has been ended. Publish to one with another name.`,
      );
    }
    const entry = log.append(kind, text, history);
    // Behind the others, as the one that was published to last.
    if (log !== this.#latest || log.size === 0) this.#kept.delete(log);
    if (log.size > 0) this.#kept.add(log);
    this.#latest = log;
    this.#makeRoom();
    log.tell(entry);
    this.#settle(log);
    return entry.id;
  }

  follow(channel: string, follower: Follower): Following {
    const log = this.#log(channel);
    const subscription = log.subscribe(follower);
    return {
      position: log.position,
      ended: log.ended,
      stop: () => {
        if (log.subscriptions.delete(subscription)) this.#settle(log);
      },
    };
  }

  read(channel: string, after: string, through: string | undefined, bytes: number): Page {
    const log = this.#logs.get(channel);
    if (log !== undefined) return log.read(after, through, bytes);
    return { refused: parseCountedId(after) === undefined ? "malformed" : "unknown" };
  }

  rewind(channel: string, count: number, from: string): string {
    return this.#logs.get(channel)?.rewind(count, from) ?? from;
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#sweep);
    for (const log of this.#logs.values()) log.subscriptions.clear();
    this.#logs.clear();
    this.#kept.clear();
    this.#resting.clear();
    this.#usage.bytes = 0;
  }

  #log(channel: string): MemoryLog {
    if (this.#closed) {
      throw new SluiceError(
        "ERR_BROKER_CLOSED",
        `The channel ${JSON.stringify(channel)} can't be used any more: its broker is closed, as it is when the application ends.`,
      );
    }
    let log = this.#logs.get(channel);
    if (log === undefined) {
      log = new MemoryLog(channel, this.#usage);
      this.#logs.set(channel, log);
    } else this.#resting.delete(log);
    return log;
  }

  #makeRoom(): void {
    for (const log of this.#kept) {
      if (this.bytes <= this.#maxBytes) return;
      while (this.bytes > this.#maxBytes && log.size > 0) log.forgetFirst();
      this.#settle(log);
    }
  }

  /** Lets a log rest that nobody needs now, and keeps the timer while there is something to look after. */
  #settle(log: MemoryLog): void {
    // Who is told something may close the broker.
    if (this.#closed) return;
    if (log.size === 0) {
      this.#kept.delete(log);
      if (log.subscriptions.size === 0) this.#rest(log);
    }
    if (this.#kept.size > 0 || this.#resting.size > 0) {
      this.#sweep ??= setInterval(() => this.#forgetOld(), SWEEP_INTERVAL).unref();
    }
  }

  #rest(log: MemoryLog): void {
    this.#resting.set(log, performance.now());
    if (this.#resting.size > MAX_RESTING) this.#forget(this.#resting.keys().next().value!);
  }

  #forget(log: MemoryLog): void {
    if (log === this.#latest) this.#latest = undefined;
    this.#resting.delete(log);
    this.#logs.delete(log.channel);
  }

  #forgetOld(): void {
    for (const log of this.#kept) {
      log.trim();
      this.#settle(log);
    }
    const oldest = performance.now() - REST;
    for (const [log, since] of this.#resting) {
      if (since > oldest) break;
      this.#forget(log);
    }
    if (this.#kept.size > 0 || this.#resting.size > 0) return;
    clearInterval(this.#sweep);
    this.#sweep = undefined;
  }
}
