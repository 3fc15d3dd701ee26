import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { NewRun, RunRecord, RunStore } from "@sluice/core";
import type { RunSettings } from "./options.js";

/** Longer than any case takes, in milliseconds. */
export const LONG = 3_600_000;

/** A lease, or a time to be kept, that a case lets run out. */
const SHORT = 150;

/** A store under test with what the cases need. Disposing of it closes what was opened. */
export class RunBench implements AsyncDisposable {
  readonly settings: RunSettings;
  readonly #opened = new Set<RunStore>();
  #store: RunStore;

  private constructor(settings: RunSettings, store: RunStore) {
    this.settings = settings;
    this.#store = store;
    this.#opened.add(store);
  }

  static async open(settings: RunSettings): Promise<RunBench> {
    return new RunBench(settings, await settings.open());
  }

  get store(): RunStore {
    return this.#store;
  }

  /** How long a lease is that is to run out, in milliseconds. */
  get short(): number {
    return SHORT;
  }

  /** A second store, empty as the first was. */
  async another(): Promise<RunStore> {
    return this.#add(await this.settings.open());
  }

  /** A second store on the same records, where there can be one. */
  async join(): Promise<RunStore> {
    return this.#add((await this.settings.join?.(this.#store)) ?? this.#store);
  }

  /** Opens the store anew on its records. */
  async reopen(): Promise<void> {
    this.#opened.delete(this.#store);
    this.#store = this.#add(await this.settings.reopen!(this.#store));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const store of this.#opened) await this.settings.close?.(store);
  }

  /** Begins a run, which must succeed. */
  async start(key: string, attempt: string, after?: string, lease = LONG): Promise<NewRun> {
    const run = newRun(attempt);
    const claimed = await this.#store.claim(key, run, after, lease);
    assert.equal(claimed, true, `the attempt ${attempt} is the first to claim the key`);
    return run;
  }

  /** Ends a run as done, which must succeed. */
  async end(key: string, attempt: string, keep = LONG): Promise<void> {
    const ended = { state: "done", events: 1 } as const;
    const finished = await this.#store.finish(key, attempt, ended, keep);
    assert.equal(finished, true, `the attempt ${attempt} is the newest and has not ended`);
  }

  /** The newest run of a key. There must be one. */
  async found(key: string, store = this.#store): Promise<RunRecord> {
    const found = await store.find(key);
    assert(found !== undefined, `nothing was found of the key ${JSON.stringify(key)}`);
    return found;
  }

  /** Lets short leases run out, and waits until a check passes that sees it. */
  async lapse(check: () => Promise<void>): Promise<void> {
    await this.settings.advance?.(SHORT + 1);
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

  /** Begins a run whose lease is short, and waits until nobody holds it. */
  async lose(key: string, attempt: string, after?: string): Promise<NewRun> {
    const run = await this.start(key, attempt, after, SHORT);
    await this.lapse(async () => assert.equal((await this.found(key)).held, false));
    return run;
  }

  #add<S extends RunStore>(store: S): S {
    this.#opened.add(store);
    return store;
  }
}

/** A run of an attempt, whose channel, principal and note are told by that. */
export function newRun(attempt: string): NewRun {
  return {
    attempt,
    channel: `run/${attempt}`,
    principal: `who began ${attempt}`,
    note: `of ${attempt}`,
  };
}
