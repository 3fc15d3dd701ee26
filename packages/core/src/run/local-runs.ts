import type { Outcome } from "@sluice/protocol";
import { HttpError } from "../pipeline/http-error.js";
import { Beat } from "./beat.js";
import type { Ledger } from "./ledger.js";
import { RunLimits } from "./run-limits.js";
import type { RunSettings, RunsSettings } from "./run-options.js";
import type { RunPlace } from "./run-place.js";
import type { FinalRunState, RunRecord } from "./run-store.js";
import type { RunKeeper, RunTask } from "./run-keeper.js";
import { Run } from "./run.js";
import { type LocalRun, NOBODY, type RunsObserver } from "./runs-observer.js";
import { within } from "./within.js";

/** How long the end of the application waits for a store that does not answer, in milliseconds. */
const CLOSES_WITHIN = 5_000;

/** The runs of this process: those that are running, and those that are kept after their end. */
export class LocalRuns implements RunKeeper {
  observer: RunsObserver = NOBODY;
  readonly #ledger: Ledger;
  readonly #limits: RunLimits;
  /** The newest of each place. */
  readonly #runs = new Map<string, Run>();
  readonly #forgetting = new Map<Run, NodeJS.Timeout>();
  /** Those that still have to be held. */
  readonly #unsettled = new Set<Run>();
  /** Those of which it is known that they can't be held just now. */
  readonly #troubled = new WeakSet<Run>();
  readonly #beat: Beat;
  #isClosing = false;
  #isClosed = false;

  constructor(ledger: Ledger, settings: RunsSettings) {
    this.#ledger = ledger;
    this.#limits = new RunLimits(settings);
    this.#beat = new Beat(ledger.beat, () => this.#renewAll());
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get(place: RunPlace): Run | undefined {
    return this.#runs.get(place.id);
  }

  all(): Run[] {
    return [...this.#runs.values()];
  }

  /**
   * Starts a run, if no other process is faster.
   *
   * @param before - the attempt that it follows
   * @returns undefined when another has been
   * @throws RunLimitError; HttpError 503 when the server is closing
   */
  async start(
    place: RunPlace,
    before: RunRecord | undefined,
    settings: RunSettings,
    task: RunTask,
  ): Promise<Run | undefined> {
    if (this.#isClosing) throw closing();
    this.#limits.enter(place.principal);
    let run: Run | undefined;
    try {
      const claim = await this.#ledger.claim(place, before, settings);
      if (claim === undefined) return undefined;
      const { attempt, channel } = claim;
      if (this.#isClosing) {
        await this.#ledger.withdraw(place, claim);
        throw closing();
      }
      run = new Run(place, attempt, channel, settings, task, this);
    } finally {
      if (run === undefined) this.#limits.leave(place.principal);
    }
    this.#take(run);
    this.observer.started(localOf(run));
    run.start();
    return run;
  }

  forget(run: Run): void {
    clearTimeout(this.#forgetting.get(run));
    this.#forgetting.delete(run);
    if (this.#runs.get(run.place.id) === run) this.#runs.delete(run.place.id);
  }

  /**
   * Starts nothing any more, lets what runs come to its end for so long, and abandons the rest.
   *
   * @param limit - in milliseconds
   */
  async drain(limit: number): Promise<void> {
    this.#isClosing = true;
    const unsettled = [...this.#unsettled];
    if (unsettled.length === 0) return;
    await within(limit, Promise.all(unsettled.map((run) => run.over)));
    await this.#abandonAll();
  }

  async close(): Promise<void> {
    this.#isClosing = this.#isClosed = true;
    await within(CLOSES_WITHIN, this.#abandonAll());
    for (const run of this.#runs.values()) this.forget(run);
  }

  endChannel(run: Run, outcome: Outcome, keep: number): Promise<Outcome | undefined> {
    return this.#ledger.endChannel(run.channel.name, outcome, run.elapsed, keep);
  }

  finish(run: Run, state: FinalRunState, keep: number): boolean | Promise<boolean> {
    return this.#ledger.finish(run.place, run.attempt.name, { state, events: run.events }, keep);
  }

  renew(run: Run): ReturnType<RunKeeper["renew"]> {
    return this.#ledger.renew(run.place, run.attempt.name);
  }

  before(run: Run, id: string): string | Promise<string> {
    return this.#ledger.before(run.channel.name, id);
  }

  ended(run: Run, state: FinalRunState): void {
    const { elapsed, events, bytes } = run;
    this.#limits.leave(run.place.principal);
    this.observer.ended(localOf(run), { state, elapsed, events, bytes });
  }

  settled(run: Run, keep: number): void {
    this.#unsettled.delete(run);
    this.#beat.keep(this.#unsettled.size > 0);
    // What another has taken over is known in the store.
    if (keep === 0 || run.state === "lost" || this.#isClosed) this.forget(run);
    else if (this.#runs.get(run.place.id) === run)
      this.#forgetting.set(run, setTimeout(() => this.forget(run), keep).unref());
  }

  failed(run: Run, error: unknown): void {
    this.observer.failed(error, { route: run.route, key: run.place.key });
  }

  taken(run: Run): void {
    this.observer.taken({ route: run.route, key: run.place.key });
  }

  stopping(route: string, stopping: Promise<boolean>): void {
    this.observer.stopping(route, stopping);
  }

  #take(run: Run): void {
    const kept = this.#runs.get(run.place.id);
    if (kept !== undefined) this.forget(kept);
    this.#runs.set(run.place.id, run);
    this.#unsettled.add(run);
    this.#beat.keep(true);
  }

  async #abandonAll(): Promise<void> {
    await Promise.all([...this.#unsettled].map((run) => run.abandon()));
  }

  #renewAll(): void {
    for (const run of this.#unsettled) void this.#renew(run);
  }

  async #renew(run: Run): Promise<void> {
    try {
      await run.renew();
      this.#troubled.delete(run);
    } catch (error) {
      if (!this.#troubled.has(run)) this.failed(run, error);
      this.#troubled.add(run);
    }
  }
}

function localOf({ route, place, attempt }: Run): LocalRun {
  return { route, key: place.key, attempt: attempt.name };
}

function closing(): HttpError {
  return new HttpError(503, "The server is closing.");
}
