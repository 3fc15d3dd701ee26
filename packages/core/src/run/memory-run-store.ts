import type { NewRun, Renewal, RunRecord, FinalRunState, RunState, RunStore } from "./run-store.js";

/** How often runs that are to be forgotten are looked for, in milliseconds. */
const SWEEP_INTERVAL = 5_000;

/** How long a run is remembered that is not held any more and that nobody has ended, in milliseconds. */
const UNHELD = 3_600_000;

/** A run, with times by the monotonic clock: leases don't move when somebody sets the clock. */
interface Kept extends Omit<RunRecord, "held" | "state" | "finished" | "events"> {
  state: RunState;
  finished: number | undefined;
  events: number;
  heldUntil: number;
  watchedUntil: number;
  forgetAt: number;
}

/**
 * Runs in memory: those of a single process, which end with it. A run is remembered until what `keep`
 * said has run out; one whose lease has run out and that nobody ends, for another hour.
 */
export class MemoryRunStore implements RunStore {
  readonly #runs = new Map<string, Kept>();
  /** Looks for runs of which nobody asks any more, while there are runs. */
  #sweep: NodeJS.Timeout | undefined;

  /** How many runs it remembers. */
  get size(): number {
    return this.#runs.size;
  }

  find(key: string): RunRecord | undefined {
    const now = performance.now();
    const run = this.#newest(key, now);
    if (run === undefined) return undefined;
    const { heldUntil: _, watchedUntil: __, forgetAt: ___, ...record } = run;
    return { ...record, held: isHeld(run, now) };
  }

  claim(key: string, run: NewRun, after: string | undefined, lease: number): boolean {
    const now = performance.now();
    const newest = this.#newest(key, now);
    if (newest?.attempt === run.attempt) return isHeld(newest, now);
    if (newest?.attempt !== after || newest?.state === "running") return false;
    const { attempt, channel, principal, note } = run;
    this.#runs.set(key, {
      attempt,
      channel,
      principal,
      note,
      state: "running",
      started: Date.now(),
      finished: undefined,
      events: 0,
      heldUntil: now + lease,
      watchedUntil: now,
      forgetAt: now + lease + UNHELD,
    });
    this.#sweep ??= setInterval(() => this.#forgetOld(), SWEEP_INTERVAL).unref();
    return true;
  }

  renew(key: string, attempt: string, lease: number): Renewal {
    const now = performance.now();
    const run = this.#held(key, attempt, now);
    if (run === undefined) return { held: false, watched: false };
    run.heldUntil = now + lease;
    run.forgetAt = run.heldUntil + UNHELD;
    return { held: true, watched: run.watchedUntil > now };
  }

  watch(key: string, attempt: string, lease: number): boolean {
    const now = performance.now();
    const run = this.#held(key, attempt, now);
    if (run === undefined) return false;
    // Others watch it too, and perhaps for longer.
    run.watchedUntil = Math.max(run.watchedUntil, now + lease);
    return true;
  }

  finish(
    key: string,
    attempt: string,
    ended: { readonly state: FinalRunState; readonly events: number },
    keep: number,
  ): boolean {
    const now = performance.now();
    const run = this.#newest(key, now);
    if (run?.attempt !== attempt || run.state !== "running") return false;
    run.state = ended.state;
    run.events = ended.events;
    // A clock that was set back must not have it end before it began.
    run.finished = Math.max(Date.now(), run.started);
    run.forgetAt = now + keep;
    return true;
  }

  /** A run that is still the newest of its key, and held. */
  #held(key: string, attempt: string, now: number): Kept | undefined {
    const run = this.#newest(key, now);
    return run?.attempt === attempt && isHeld(run, now) ? run : undefined;
  }

  #newest(key: string, now: number): Kept | undefined {
    const run = this.#runs.get(key);
    return run !== undefined && run.forgetAt > now ? run : undefined;
  }

  #forgetOld(): void {
    const now = performance.now();
    for (const [key, { forgetAt }] of this.#runs) if (forgetAt <= now) this.#runs.delete(key);
    if (this.#runs.size > 0) return;
    clearInterval(this.#sweep);
    this.#sweep = undefined;
  }
}

function isHeld({ state, heldUntil }: Kept, now: number): boolean {
  return state === "running" && heldUntil > now;
}
