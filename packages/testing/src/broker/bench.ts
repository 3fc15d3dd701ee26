import assert from "node:assert/strict";
import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises";
import {
  type Broker,
  type Entry,
  type EntryKind,
  type HistoryBounds,
  type Outcome,
  type Page,
  SluiceError,
  type SluiceErrorCode,
} from "@sluice/core";
import { Listener } from "./listener.js";
import type { Mend, Settings } from "./options.js";
import { plain } from "./same.js";

/** More history than a case needs. */
export const PLENTY: HistoryBounds = { count: 100_000, age: 3_600_000, bytes: 1_000_000_000 };

const LEGAL_ID = /^[A-Za-z0-9._-]{1,23}$/;

/** A channel that no case uses. */
const QUIET = "sluice/quiet";

export interface PublishOptions {
  readonly kind?: EntryKind;
  readonly history?: HistoryBounds;
}

export interface ReadOptions {
  readonly through?: string;
  readonly bytes?: number;
}

/** A broker under test with what the cases need. Disposing of it closes the broker. */
export class Bench implements AsyncDisposable {
  readonly settings: Settings;
  #broker: Broker;
  readonly #opened = new Set<Broker>();
  #quiet: Promise<Listener> | undefined;
  #quietEntries = 0;
  #isClosed = false;
  #mend: Mend | undefined;

  private constructor(settings: Settings, broker: Broker) {
    this.settings = settings;
    this.#broker = broker;
    this.#opened.add(broker);
  }

  static async open(settings: Settings): Promise<Bench> {
    return new Bench(settings, await settings.open());
  }

  get broker(): Broker {
    return this.#broker;
  }

  /** A second broker, empty as the first was. */
  async another(): Promise<Broker> {
    const broker = await this.settings.open();
    this.#opened.add(broker);
    return broker;
  }

  /** Opens the broker anew on its data. Followers are forgotten. */
  async reopen(): Promise<void> {
    this.#opened.delete(this.#broker);
    this.#broker = await this.settings.reopen!(this.#broker);
    this.#opened.add(this.#broker);
    this.#quiet = undefined;
    this.#quietEntries = 0;
    this.#isClosed = false;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#broker.close();
  }

  /** From now on nothing more can be stored. */
  async breakStore(): Promise<void> {
    this.#mend = await this.settings.breakStore!(this.#broker);
  }

  /** What was broken is well again. */
  async mendStore(): Promise<void> {
    const mend = this.#mend;
    this.#mend = undefined;
    await mend?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.mendStore();
    for (const broker of this.#opened) await broker.close();
  }

  /** Publishes, and checks the id. */
  async publish(channel: string, text: string, options: PublishOptions = {}): Promise<Entry> {
    const { kind = "text", history = PLENTY } = options;
    const id = await this.#broker.publish({ channel, kind, text, history });
    assert.match(id, LEGAL_ID, "an id is 1 to 23 of the characters A-Z a-z 0-9 . _ -");
    return { id, kind, text };
  }

  /** Publishes several without waiting in between. */
  publishAll(
    channel: string,
    texts: readonly string[],
    options?: PublishOptions,
  ): Promise<Entry[]> {
    return Promise.all(texts.map((text) => this.publish(channel, text, options)));
  }

  end(channel: string, history = PLENTY, outcome: Outcome = "done"): Promise<Entry> {
    const text = outcome === "done" ? "" : outcome;
    return this.publish(channel, text, { kind: "end", history });
  }

  listener(channel: string): Listener {
    return new Listener(this, channel);
  }

  follow(channel: string): Promise<Listener> {
    return this.listener(channel).follow();
  }

  async read(channel: string, after: string, options: ReadOptions = {}): Promise<Page> {
    const { through, bytes = 65_536 } = options;
    const page = await this.#broker.read(channel, after, through, bytes);
    return page.refused === undefined ? { entries: page.entries.map(plain) } : page;
  }

  /** Reads a page, which must not be refused. */
  async page(channel: string, after: string, options?: ReadOptions): Promise<readonly Entry[]> {
    const page = await this.read(channel, after, options);
    assert(page.refused === undefined, `reading after ${after}: ${String(page.refused)}`);
    return page.entries;
  }

  /** Reads page by page all that comes after a cursor. */
  async readAll(channel: string, after: string, options: ReadOptions = {}): Promise<Entry[]> {
    const entries: Entry[] = [];
    const seen = new Set<string>();
    for (let cursor = after; cursor !== options.through; cursor = entries.at(-1)!.id) {
      const page = await this.page(channel, cursor, options);
      if (page.length === 0) break;
      entries.push(...page);
      for (const { id } of page) {
        assert(!seen.has(id), `the entry ${id} was read twice`);
        seen.add(id);
      }
    }
    return entries;
  }

  async rewind(channel: string, count: number, from: string): Promise<string> {
    return this.#broker.rewind(channel, count, from);
  }

  /** Checks that a cursor is refused. */
  async refuses(
    refusals: string | readonly string[],
    channel: string,
    after: string,
    options: ReadOptions = {},
  ): Promise<void> {
    const page = await this.read(channel, after, options);
    const shown = after.length > 60 ? `${after.slice(0, 60)}...` : after;
    const message = `after ${JSON.stringify(shown)}, reading gave ${JSON.stringify(page).slice(0, 200)}`;
    assert([refusals].flat().includes(page.refused ?? ""), `${message}, not ${String(refusals)}`);
  }

  /** Checks that a call throws, or rejects with, an error of a code. */
  async fails(code: SluiceErrorCode, call: () => unknown): Promise<void> {
    // An async function makes a rejection of what is thrown at once.
    await assert.rejects(
      async () => call(),
      (error) => {
        assert(error instanceof SluiceError, `not a SluiceError: ${String(error)}`);
        assert.equal(error.code, code);
        return true;
      },
    );
  }

  /** Waits until what will be told has been told. */
  async quiet(): Promise<void> {
    if (!this.#isClosed) {
      if (this.settings.settle !== undefined) await this.settings.settle(this.#broker);
      else if (!this.settings.lossy) await this.#hearQuiet();
    }
    for (let turn = 0; turn < 3; turn++) await nextTurn();
  }

  /** Waits until a check passes, for what comes by time alone. */
  async eventually(check: () => Promise<void>): Promise<void> {
    const deadline = process.hrtime.bigint() + BigInt(this.settings.timeout) * 1_000_000n;
    for (;;) {
      try {
        return await check();
      } catch (error) {
        if (process.hrtime.bigint() > deadline) throw error;
      }
      await delay(5);
    }
  }

  async #hearQuiet(): Promise<void> {
    const listener = await (this.#quiet ??= this.follow(QUIET));
    const { id } = await this.publish(QUIET, "quiet");
    await listener.hasHeard(++this.#quietEntries, id);
  }
}
