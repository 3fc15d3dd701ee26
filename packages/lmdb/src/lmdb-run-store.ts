import {
  type NewRun,
  type Renewal,
  type RunRecord,
  type RunStore,
  SluiceError,
} from "@sluice/core";
import { placeOfKey, placeOfRun, runKey } from "./keys.js";
import { RunLeases } from "./run-leases.js";
import { decodeRun, encodeRun, type StoredRun } from "./run-record.js";
import type { Change, Store } from "./store.js";

/** How long a run is remembered that is not held any more and that nobody has ended, in milliseconds. */
const UNHELD = 3_600_000;

/** A run as it is to be; undefined where it is to be forgotten. */
interface Pending {
  readonly run: StoredRun | undefined;
}

/**
 * The runs of this process, in the database of the events. What a run was survives a restart, and a run
 * that was running then is held by nobody.
 *
 * Where a commit takes time, what it makes of a run counts from the call on, for all who ask in this
 * process.
 */
export class LmdbRunStore implements RunStore {
  readonly #store: Store;
  readonly #leases = new RunLeases();
  /** What the commits that are on their way make of some runs. */
  readonly #pending = new Map<string, Pending>();
  readonly #commits = new Set<Promise<unknown>>();
  /** The key of the last run that was looked at. */
  #after: Buffer | undefined;
  #closed = false;

  constructor(store: Store) {
    this.#store = store;
  }

  find(key: string): RunRecord | undefined {
    const place = this.#placeOf(key);
    const run = this.#newest(place);
    if (run === undefined) return undefined;
    const { until: _, ...record } = run;
    return { ...record, held: this.#isHeld(place, run) };
  }

  claim(
    key: string,
    { attempt, channel, principal, note }: NewRun,
    after: string | undefined,
    lease: number,
  ): boolean | Promise<boolean> {
    const place = this.#placeOf(key);
    const newest = this.#newest(place);
    if (newest?.attempt === attempt) return this.#isHeld(place, newest);
    if (newest?.attempt !== after || newest?.state === "running") return false;
    const run: StoredRun = {
      attempt,
      channel,
      principal,
      note,
      state: "running",
      started: Date.now(),
      finished: undefined,
      events: 0,
      until: undefined,
    };
    this.#leases.begin(place, attempt, lease);
    return this.#commit(key, place, run, (stored) => {
      if (!stored) this.#leases.end(place, attempt);
    });
  }

  renew(key: string, attempt: string, lease: number): Renewal {
    const place = this.#placeOf(key);
    if (!this.#holds(place, attempt)) return { held: false, watched: false };
    this.#leases.renew(place, attempt, lease);
    return { held: true, watched: this.#leases.isWatched(place, attempt) };
  }

  watch(key: string, attempt: string, lease: number): boolean {
    const place = this.#placeOf(key);
    if (!this.#holds(place, attempt)) return false;
    this.#leases.watch(place, attempt, lease);
    return true;
  }

  finish(
    key: string,
    attempt: string,
    { state, events }: Parameters<RunStore["finish"]>[2],
    keep: number,
  ): boolean | Promise<boolean> {
    const place = this.#placeOf(key);
    const run = this.#newest(place);
    if (run?.attempt !== attempt || run.state !== "running") return false;
    const now = Date.now();
    // A clock that was set back must not have it end before it began.
    const finished = Math.max(now, run.started);
    const ended = keep > 0 ? { ...run, state, events, finished, until: now + keep } : undefined;
    return this.#commit(key, place, ended, (stored) => {
      if (stored) this.#leases.end(place, attempt);
    });
  }

  /**
   * Looks at some runs, and goes on with others the next time: those that are not to be remembered any
   * more are removed, and those that nobody holds and nobody has ended are so after a while.
   *
   * @returns what has to be committed, and whether it has come round
   */
  sweep(count: number): { readonly changes: readonly Change[]; readonly isRound: boolean } {
    const keys = this.#store.runKeys(this.#after, count);
    const changes = keys.flatMap((key) => this.#look(key));
    const isRound = keys.length < count;
    this.#after = isRound ? undefined : keys.at(-1);
    return { changes, isRound };
  }

  /** Refuses what comes from now on, and waits for what has to be committed. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#commits);
  }

  #look(key: Buffer): readonly Change[] {
    const place = placeOfKey(key);
    const stored = this.#store.peek(key);
    if (stored === undefined || this.#pending.has(place)) return [];
    const run = decodeRun(stored);
    const now = Date.now();
    if (run.until !== undefined) {
      if (run.until > now) return [];
      this.#leases.end(place, run.attempt);
      return [{ key, value: undefined }];
    }
    if (this.#isHeld(place, run)) return [];
    return [{ key, value: encodeRun({ ...run, until: now + UNHELD }) }];
  }

  /** @throws SluiceError `ERR_BROKER_CLOSED` */
  #placeOf(key: string): string {
    if (!this.#closed) return placeOfRun(key);
    throw new SluiceError(
      "ERR_BROKER_CLOSED",
      `The run of the key ${JSON.stringify(key)} can't be looked up any more: its broker is closed, as it is when the application ends.`,
    );
  }

  #newest(place: string): StoredRun | undefined {
    const pending = this.#pending.get(place);
    const stored = pending === undefined ? this.#store.peek(runKey(place)) : undefined;
    const run = stored === undefined ? pending?.run : decodeRun(stored);
    return run === undefined || (run.until ?? Infinity) > Date.now() ? run : undefined;
  }

  #holds(place: string, attempt: string): boolean {
    const run = this.#newest(place);
    return run?.attempt === attempt && this.#isHeld(place, run);
  }

  #isHeld(place: string, { attempt, state }: StoredRun): boolean {
    return state === "running" && this.#leases.isHeld(place, attempt);
  }

  /**
   * @param settle - called before anybody hears of it, with whether it was stored
   * @throws SluiceError `ERR_NOT_STORED`, at once or in the promise
   */
  #commit(
    key: string,
    place: string,
    run: StoredRun | undefined,
    settle: (stored: boolean) => void,
  ): true | Promise<true> {
    const value = run === undefined ? undefined : encodeRun(run);
    let committing: void | Promise<void>;
    try {
      committing = this.#store.commit([{ key: runKey(place), value }]);
    } catch (cause) {
      settle(false);
      throw notStored(key, cause);
    }
    if (committing !== undefined) return this.#settleLater(committing, key, place, run, settle);
    settle(true);
    return true;
  }

  async #settleLater(
    committing: Promise<void>,
    key: string,
    place: string,
    run: StoredRun | undefined,
    settle: (stored: boolean) => void,
  ): Promise<true> {
    const pending: Pending = { run };
    this.#pending.set(place, pending);
    this.#commits.add(committing);
    try {
      await committing;
      settle(true);
      return true;
    } catch (cause) {
      settle(false);
      throw notStored(key, cause);
    } finally {
      this.#commits.delete(committing);
      // Another commit may be on its way already.
      if (this.#pending.get(place) === pending) this.#pending.delete(place);
    }
  }
}

function notStored(key: string, cause: unknown): SluiceError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new SluiceError(
    "ERR_NOT_STORED",
    `What became of the run of the key ${JSON.stringify(key)} was not stored: ${reason}. Check that the disk has room and can be written to.`,
    { cause },
  );
}
