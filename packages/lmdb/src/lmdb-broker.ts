import { setImmediate as nextTurn } from "node:timers/promises";
import {
  type Broker,
  type Follower,
  type Following,
  type Page,
  parseCountedId,
  type Publication,
  type RunStore,
  SluiceError,
} from "@sluice/core";
import { Group, type Waiting } from "./group.js";
import { recordKey } from "./keys.js";
import { LmdbRunStore } from "./lmdb-run-store.js";
import { decodeRecord } from "./log-record.js";
import { Log, type Subscription } from "./log.js";
import { type LmdbBrokerOptions, readOptions } from "./options.js";
import { Store } from "./store.js";
import { Sweep } from "./sweep.js";

/** How much goes into one commit at most, so that it does not hold the process up for long. */
const GROUP_ENTRIES = 1_000;
const GROUP_CHARACTERS = 4_194_304;

/**
 * A broker whose histories survive a restart: they are in an LMDB database, in a folder that belongs
 * to this process. Reading and following take no turn of the event loop.
 *
 * What is published while a commit is on its way goes into the next one together. Publishing resolves
 * when its commit is done, and those who follow are told then.
 */
export class LmdbBroker implements Broker {
  readonly #store: Store;
  readonly #runs: LmdbRunStore;
  readonly #sweep: Sweep;
  /** The channels that are followed or published to. */
  readonly #logs = new Map<string, Log>();
  #queue: Waiting[] = [];
  /** Those that are followed before anything is published: clients have their cursor already. */
  readonly #newcomers = new Set<Log>();
  /** The commits that are on their way, and those that will follow without a pause. */
  #running: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #closed = false;

  /**
   * Opens the history, or begins one.
   *
   * @throws SluiceError `ERR_OPTION`, `ERR_DURATION`; LmdbError `ERR_OPEN`, `ERR_IN_USE`, `ERR_FORMAT`
   */
  constructor(options: LmdbBrokerOptions) {
    const settings = readOptions(options);
    this.#store = new Store(settings);
    this.#runs = new LmdbRunStore(this.#store);
    this.#sweep = new Sweep({
      store: this.#store,
      runs: this.#runs,
      forgetAfter: settings.forgetAfter,
      hold: (channel) => this.#hold(channel),
      replace: (log) => this.#replace(log),
      wake: () => this.#run(),
    });
  }

  /** How many channels are in memory, because they are followed or being published to. */
  get channels(): number {
    return this.#logs.size;
  }

  /** The runs of this process. What was running when the process ended is held by nobody afterwards. */
  get runs(): RunStore {
    return this.#runs;
  }

  publish(publication: Publication): Promise<string> {
    return new Promise((resolve, reject) => {
      const log = this.#hold(publication.channel);
      this.#queue.push({ log, publication, resolve, reject });
      this.#run();
    });
  }

  follow(channel: string, follower: Follower): Following {
    this.#refuseClosed(channel);
    const log = this.#open(channel);
    const subscription: Subscription = { follower };
    log.subscriptions.add(subscription);
    if (log.record.number === 0) this.#remember(log);
    return {
      position: log.position,
      ended: log.record.ended,
      stop: () => {
        if (log.subscriptions.delete(subscription)) this.#release(log);
      },
    };
  }

  read(channel: string, after: string, through: string | undefined, bytes: number): Page {
    const log = this.#find(channel);
    if (log !== undefined) return log.read(after, through, bytes);
    return { refused: parseCountedId(after) === undefined ? "malformed" : "unknown" };
  }

  rewind(channel: string, count: number, from: string): string {
    return this.#find(channel)?.rewind(count, from) ?? from;
  }

  /** Commits what was published before, and closes the database. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#sweep.stop();
    await this.#running;
    await this.#runs.close();
    this.#closed = true;
    this.#logs.clear();
    await this.#store.close();
  }

  #refuseClosed(channel: string): void {
    if (this.#closing === undefined) return;
    throw new SluiceError(
      "ERR_BROKER_CLOSED",
      `The channel ${JSON.stringify(channel)} can't be used any more: its broker is closed, as it is when the application ends.`,
    );
  }

  #find(channel: string): Log | undefined {
    if (this.#closed) return undefined;
    const log = this.#logs.get(channel);
    if (log !== undefined) return log;
    const record = this.#store.peek(recordKey(channel));
    return record === undefined ? undefined : new Log(channel, this.#store, decodeRecord(record));
  }

  #open(channel: string): Log {
    const log = this.#find(channel) ?? new Log(channel, this.#store);
    this.#logs.set(channel, log);
    return log;
  }

  /** A channel that stays in memory until it is released. */
  #hold(channel: string): Log {
    this.#refuseClosed(channel);
    const log = this.#open(channel);
    log.pending++;
    return log;
  }

  #remember(log: Log): void {
    if (this.#newcomers.has(log)) return;
    log.pending++;
    this.#newcomers.add(log);
    this.#run();
  }

  #release(log: Log): void {
    if (!log.isUsed && this.#logs.get(log.channel) === log) this.#logs.delete(log.channel);
  }

  /** Puts a new channel in the place of one that is being forgotten, for those who come meanwhile. */
  #replace(log: Log): Log {
    const fresh = new Log(log.channel, this.#store);
    fresh.pending++;
    this.#logs.set(log.channel, fresh);
    return fresh;
  }

  #run(): void {
    this.#running ??= this.#commitAll();
  }

  async #commitAll(): Promise<void> {
    do {
      // What is published in one turn goes together, whoever publishes it.
      await nextTurn();
      await this.#commit();
    } while (this.#queue.length > 0 || this.#newcomers.size > 0);
    this.#running = undefined;
  }

  async #commit(): Promise<void> {
    const taken = this.#take();
    const held = [...taken.map(({ log }) => log), ...this.#newcomers];
    const group = new Group(this.#store);
    try {
      for (const log of this.#newcomers) group.draft(log).touch();
      this.#newcomers.clear();
      for (const waiting of taken) group.publish(waiting);
      held.push(...this.#sweep.contribute(group));
      const changes = group.changes();
      if (changes.length > 0) await this.#store.commit(changes);
    } catch (error) {
      group.fail(error, taken);
      this.#letGo(held);
      return;
    }
    group.succeed();
    this.#letGo(held);
  }

  #letGo(held: readonly Log[]): void {
    for (const log of held) {
      log.pending--;
      this.#release(log);
    }
  }

  #take(): Waiting[] {
    let count = 0;
    let characters = 0;
    while (count < this.#queue.length && count < GROUP_ENTRIES && characters < GROUP_CHARACTERS) {
      characters += this.#queue[count++]!.publication.text.length;
    }
    const taken = this.#queue.slice(0, count);
    this.#queue = this.#queue.slice(count);
    return taken;
  }
}
