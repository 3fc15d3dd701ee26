import type { Entry, EntryKind, Follower, Following, Page, Publication } from "@sluice/core";
import { Connection } from "./connection.js";
import { EPOCH_LENGTH, formatCursor, parseCursor, START } from "./cursor.js";
import type { RedisSettings } from "./options.js";
import { Outbox } from "./outbox.js";
import { randomText } from "./random-text.js";
import { CHECK, OPEN, PUBLISH, READ, REWIND } from "./scripts.js";
import { Subscriber } from "./subscriber.js";
import { Topic } from "./topic.js";

/** How many channels are compared in one go, so that the server is not held up. */
const CHECKED_AT_ONCE = 500;

/** For how long it is remembered that a batch was stored, after nobody tries to store it any more. */
const BATCH_MARGIN = 60_000;

/** One server, and the channels that live there. */
export class Shard {
  readonly #settings: RedisSettings;
  readonly #connection: Connection;
  readonly #subscriber: Subscriber;
  readonly #topics = new Map<string, Topic>();
  readonly #outboxes = new Map<string, Outbox>();
  /** Makes the keys of this process's batches its own. */
  readonly #nonce = randomText(12);
  #batches = 0;
  #timer: NodeJS.Timeout | undefined;
  #isChecking = false;
  #closed = false;

  constructor(url: string, settings: RedisSettings) {
    this.#settings = settings;
    this.#connection = new Connection(url, settings.client, settings.commandTimeout);
    this.#subscriber = new Subscriber(url, settings, () => this.#check());
  }

  async publish(publication: Publication): Promise<string> {
    const { channel } = publication;
    let outbox = this.#outboxes.get(channel);
    if (outbox === undefined) {
      const { publishTimeout } = this.#settings;
      outbox = new Outbox(
        channel,
        publishTimeout,
        (batch, key) => this.#store(channel, batch, key),
        () => `${this.#nonce}-${++this.#batches}`,
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
      const { forgetAfter } = this.#settings;
      const reply = await this.#connection.run(
        OPEN,
        [this.#recordKey(channel)],
        [randomText(EPOCH_LENGTH), String(forgetAfter)],
      );
      const [epoch = "", native = "", ended] = reply as string[];
      // Nothing is told before this has resolved.
      setImmediate(begin, { native, epoch });
      return { position: formatCursor(native, epoch), ended: ended === "1", stop };
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
    this.#closed = true;
    clearTimeout(this.#timer);
    await Promise.all([...this.#outboxes.values()].map((outbox) => outbox.close()));
    this.#subscriber.close();
    this.#topics.clear();
    await this.#connection.close();
  }

  async #store(
    channel: string,
    batch: readonly Publication[],
    key: string,
  ): Promise<readonly string[]> {
    const { publishTimeout, forgetAfter } = this.#settings;
    const { count, age, bytes } = batch.at(-1)!.history;
    const reply = await this.#connection.run(
      PUBLISH,
      [this.#recordKey(channel), this.#streamKey(channel), this.#key("b", channel, `:${key}`)],
      [
        this.#topicName(channel),
        randomText(EPOCH_LENGTH),
        ...[count, age, bytes, Math.max(forgetAfter, age), publishTimeout * 2 + BATCH_MARGIN].map(
          String,
        ),
        ...batch.flatMap(({ kind, text }) => [kind, text]),
      ],
    );
    const [epoch = "", ...natives] = reply as string[];
    return natives.map((native) => formatCursor(native, epoch));
  }

  #topicOf(channel: string): Topic {
    const known = this.#topics.get(channel);
    if (known !== undefined) return known;
    const topic = new Topic(channel);
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
    if (this.#closed || this.#timer !== undefined) return;
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
    if (this.#isChecking) return;
    this.#isChecking = true;
    void this.#checkTopics([...this.#topics.values()]).finally(() => {
      this.#isChecking = false;
    });
  }

  async #checkTopics(topics: readonly Topic[]): Promise<void> {
    for (let at = 0; at < topics.length && !this.#closed; at += CHECKED_AT_ONCE) {
      const some = topics.slice(at, at + CHECKED_AT_ONCE);
      let found: readonly (string | null)[];
      try {
        found = (await this.#connection.run(
          CHECK,
          some.map(({ channel }) => this.#recordKey(channel)),
          [String(this.#settings.forgetAfter)],
        )) as (string | null)[];
      } catch {
        // The next check, or the connection when it is back, brings it.
        return;
      }
      for (const [index, topic] of some.entries()) {
        const epoch = found[2 * index] ?? randomText(EPOCH_LENGTH);
        // A record that is no more: nobody is where the channel will begin again.
        topic.reached(formatCursor(found[2 * index + 1] ?? START, epoch));
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
  #key(kind: string, channel: string, more = ""): string {
    return `${this.#settings.prefix}${kind}:{${channel}}${more}`;
  }
}
