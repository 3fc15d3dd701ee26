import { setTimeout as delay } from "node:timers/promises";
import {
  type Entry,
  type EntryKind,
  type Follower,
  type Following,
  outcomeOfEnd,
  type Page,
  type Publication,
} from "@sluice/core";
import { Connection } from "./connection.js";
import { EPOCH_LENGTH, formatCursor, parseCursor, START } from "./cursor.js";
import type { RedisSettings } from "./options.js";
import { Marks, Telling } from "./marks.js";
import { Outbox } from "./outbox.js";
import { randomText } from "./random-text.js";
import { CHECK, OPEN, PUBLISH, READ, REWIND } from "./scripts.js";
import { Subscriber } from "./subscriber.js";
import { Topic } from "./topic.js";

/** How many channels are compared in one go, so that the server is not held up. */
const CHECKED_AT_ONCE = 500;

/** What a part of each id is left to, so that ids stay short. */
const CHANCE = 32_768;

/** How long to wait before a comparison that failed is tried again, in milliseconds. */
const CHECK_PAUSE = 500;

/** For how long it is remembered that a batch was stored, after nobody tries to store it any more. */
const BATCH_MARGIN = 60_000;

/** One server, and the channels that live there. */
export class Shard {
  readonly #settings: RedisSettings;
  readonly #connection: Connection;
  readonly #subscriber: Subscriber;
  readonly #topics = new Map<string, Topic>();
  readonly #outboxes = new Map<string, Outbox>();
  readonly #marks = new Marks();
  readonly #closing = new AbortController();
  /** The name of this process, for its batches. */
  readonly #nonce = randomText(12);
  #batches = 0;
  #timer: NodeJS.Timeout | undefined;
  /** A comparison is to begin, and one is being made. */
  #mustCheck = false;
  #checking: Promise<void> | undefined;

  constructor(url: string, settings: RedisSettings) {
    this.#settings = settings;
    // Another connection may be to a server that lacks something, and something may have been missed.
    const check = (): void => this.#check();
    this.#connection = new Connection(url, settings.client, settings.commandTimeout, check);
    this.#subscriber = new Subscriber(url, settings, check);
  }

  /** What commands go through. */
  get connection(): Connection {
    return this.#connection;
  }

  async publish(publication: Publication): Promise<string> {
    const { channel } = publication;
    let outbox = this.#outboxes.get(channel);
    if (outbox === undefined) {
      const { publishTimeout } = this.#settings;
      outbox = new Outbox(
        channel,
        publishTimeout,
        (batch, number, deadline) => this.#store(channel, batch, number, deadline),
        () => ++this.#batches,
      );
      this.#outboxes.set(channel, outbox);
    }
    try {
      return await outbox.push(publication);
    } finally {
      if (outbox.isIdle && this.#outboxes.get(channel) === outbox) this.#outboxes.delete(channel);
    }
  }

  async follow(channel: string, follower: Follower): Promise<Following> {
    const topic = this.#topicOf(channel);
    const { begin, remove } = topic.add(follower);
    const stop = (): void => {
      if (remove()) this.#drop(topic);
    };
    try {
      await topic.ready;
      const telling = new Telling(this.#marks, [channel]);
      const reply = await this.#connection.run(
        OPEN,
        [this.#recordKey(channel), this.#streamKey(channel)],
        (connection) => [
          randomText(EPOCH_LENGTH),
          String(this.#settings.forgetAfter),
          ...telling.on(connection),
        ],
      );
      telling.seen();
      const [epoch = "", native = "", end = ""] = reply as string[];
      const place = { native, epoch };
      this.#marks.note(channel, place);
      // Nothing is told before this has resolved.
      setImmediate(begin, place);
      const ended = end === "" ? undefined : outcomeOfEnd(end);
      return { position: formatCursor(native, epoch), ended, stop };
    } catch (error) {
      stop();
      throw error;
    }
  }

  async read(
    channel: string,
    after: string,
    through: string | undefined,
    bytes: number,
  ): Promise<Page> {
    const from = parseCursor(after);
    if (from === undefined) return { refused: "malformed" };
    const to = through === undefined ? undefined : parseCursor(through);
    if (to !== undefined && to.epoch !== from.epoch) return { refused: "unknown" };
    const reply = await this.#connection.run(
      READ,
      [this.#recordKey(channel), this.#streamKey(channel)],
      [from.epoch, from.native, to?.native ?? "", String(bytes)],
    );
    if (typeof reply === "string") return { refused: reply as "unknown" | "trimmed" | "ahead" };
    const fields = reply as string[];
    const entries: Entry[] = [];
    for (let at = 0; at < fields.length; at += 3) {
      const id = formatCursor(fields[at]!, from.epoch);
      entries.push({ id, kind: fields[at + 1] as EntryKind, text: fields[at + 2]! });
    }
    return { entries };
  }

  async rewind(channel: string, count: number, from: string): Promise<string> {
    const place = parseCursor(from);
    if (place === undefined) return from;
    const native = await this.#connection.run(
      REWIND,
      [this.#recordKey(channel), this.#streamKey(channel)],
      [place.epoch, place.native, String(count)],
    );
    return typeof native === "string" ? formatCursor(native, place.epoch) : from;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#timer);
    await Promise.all([...this.#outboxes.values()].map((outbox) => outbox.close()));
    await Promise.all([this.#subscriber.close(), this.#connection.close(), this.#checking]);
    this.#topics.clear();
  }

  async #store(
    channel: string,
    batch: readonly Publication[],
    number: number,
    deadline: number,
  ): Promise<readonly string[]> {
    const { publishTimeout, forgetAfter } = this.#settings;
    const { count, age, bytes } = batch.at(-1)!.history;
    const telling = new Telling(this.#marks, [channel]);
    const reply = await this.#connection.run(
      PUBLISH,
      [this.#recordKey(channel), this.#streamKey(channel)],
      (connection) => [
        this.#topicName(channel),
        randomText(EPOCH_LENGTH),
        ...[count, age, bytes, Math.max(forgetAfter, age)].map(String),
        String(publishTimeout * 2 + BATCH_MARGIN),
        this.#nonce,
        String(number),
        String(Math.floor(Math.random() * CHANCE)),
        ...telling.on(connection),
        ...batch.flatMap(({ kind, text }) => [kind, text]),
      ],
      deadline,
    );
    const [epoch, first, stored] = reply as [string, string, number];
    const [ms, sequence] = first.split("-").map(Number) as [number, number];
    const natives = Array.from({ length: stored }, (_, n) => `${ms}-${sequence + n}`);
    const native = natives.at(-1);
    if (native !== undefined) this.#marks.store(channel, { native, epoch }, telling.connection);
    return natives.map((each) => formatCursor(each, epoch));
  }

  #topicOf(channel: string): Topic {
    const known = this.#topics.get(channel);
    if (known !== undefined) return known;
    const topic = new Topic(channel, (place) => this.#marks.note(channel, place));
    this.#topics.set(channel, topic);
    topic.ready = this.#subscriber.subscribe(this.#topicName(channel), topic.listener);
    // Whoever follows hears of it.
    topic.ready.catch(() => {});
    this.#schedule();
    return topic;
  }

  #drop(topic: Topic): void {
    if (this.#topics.get(topic.channel) !== topic) return;
    this.#topics.delete(topic.channel);
    this.#subscriber.unsubscribe(this.#topicName(topic.channel), topic.listener);
    if (this.#topics.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(): void {
    if (this.#closing.signal.aborted || this.#timer !== undefined) return;
    // Spread, so that processes don't all ask at once.
    const pause = this.#settings.checkInterval * (0.5 + Math.random() / 2);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#subscriber.check();
      this.#check();
      if (this.#topics.size > 0) this.#schedule();
    }, pause).unref();
  }

  /** Compares all channels that are followed with what is stored: the loss of the last event shows in no other way. */
  #check(): void {
    // What is being compared may have been asked for before something was missed.
    this.#mustCheck = true;
    this.#checking ??= this.#checkUntilDone().finally(() => (this.#checking = undefined));
  }

  async #checkUntilDone(): Promise<void> {
    const { signal } = this.#closing;
    while (this.#mustCheck && !signal.aborted) {
      this.#mustCheck = false;
      try {
        const unseen = this.#marks.unseen(this.#connection.count);
        await this.#checkAll([...new Set([...this.#topics.keys(), ...unseen])]);
      } catch {
        this.#mustCheck = true;
        const pause = CHECK_PAUSE * (0.5 + Math.random());
        await delay(pause, undefined, { signal, ref: false }).catch(() => {});
      }
    }
  }

  async #checkAll(channels: readonly string[]): Promise<void> {
    const { signal } = this.#closing;
    for (let at = 0; at < channels.length && !signal.aborted; at += CHECKED_AT_ONCE) {
      const some = channels.slice(at, at + CHECKED_AT_ONCE);
      const telling = new Telling(this.#marks, some);
      const found = (await this.#connection.run(
        CHECK,
        some.flatMap((channel) => [this.#recordKey(channel), this.#streamKey(channel)]),
        (connection) => [String(this.#settings.forgetAfter), ...telling.on(connection)],
      )) as (string | null)[];
      telling.seen();
      for (const [index, channel] of some.entries()) {
        // A record that is no more: nobody is where the channel will begin again.
        const epoch = found[2 * index] ?? randomText(EPOCH_LENGTH);
        this.#topics.get(channel)?.reached(formatCursor(found[2 * index + 1] ?? START, epoch));
      }
    }
  }

  #recordKey(channel: string): string {
    return this.#key("r", channel);
  }

  #streamKey(channel: string): string {
    return this.#key("s", channel);
  }

  #topicName(channel: string): string {
    return this.#key("t", channel);
  }

  // The keys of a channel have one hash tag, which keeps them in one slot.
  #key(kind: string, channel: string): string {
    return `${this.#settings.prefix}${kind}:{${channel}}`;
  }
}
