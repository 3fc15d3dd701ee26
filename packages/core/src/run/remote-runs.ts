import { Beat } from "./beat.js";
import type { Ledger } from "./ledger.js";
import { RemoteRun } from "./remote-run.js";
import type { RunPlace } from "./run-place.js";
import type { RunRecord } from "./run-store.js";
import type { RunsObserver } from "./runs-observer.js";

/** The runs of other processes that somebody listens to in this one. */
export class RemoteRuns {
  readonly #ledger: Ledger;
  readonly #observer: () => RunsObserver;
  /** There may be several of one place: two who come before either of them listens have each their own. */
  readonly #followed = new Set<RemoteRun>();
  /** One of each place, which others join. */
  readonly #found = new Map<string, RemoteRun>();
  /** Those of which it can't be learned just now whether they are held. */
  readonly #troubled = new WeakSet<RemoteRun>();
  readonly #beat: Beat;

  constructor(ledger: Ledger, observer: () => RunsObserver) {
    this.#ledger = ledger;
    this.#observer = observer;
    this.#beat = new Beat(ledger.beat, () => {
      for (const run of this.#followed) void this.#watch(run);
    });
  }

  /** One that is running and listened to. */
  get(place: RunPlace): RemoteRun | undefined {
    return this.#found.get(place.id);
  }

  /** How many connections listen to an attempt. */
  listeners(attempt: string): number {
    let listeners = 0;
    for (const run of this.#followed) if (run.attempt.name === attempt) listeners += run.listeners;
    return listeners;
  }

  follow(place: RunPlace, record: RunRecord): RemoteRun {
    return new RemoteRun(place, record, this.#ledger, (run) => this.#changed(run));
  }

  close(): void {
    this.#followed.clear();
    this.#found.clear();
    this.#beat.keep(false);
  }

  #changed(run: RemoteRun): void {
    const { id } = run.place;
    if (run.listeners === 0) this.#drop(run);
    else if (!run.isOver && !this.#followed.has(run)) {
      this.#followed.add(run);
      if (!this.#found.has(id)) this.#found.set(id, run);
      this.#beat.keep(true);
      // Whoever runs it is to know that it is heard.
      void this.#watch(run);
    }
  }

  /** Sees to it that everybody is told when whoever runs it is gone. */
  async #watch(run: RemoteRun): Promise<void> {
    const observed = { route: undefined, key: run.place.key };
    try {
      const isHeld = await this.#ledger.watch(run.place, run.record.attempt);
      this.#troubled.delete(run);
      if (isHeld || !this.#followed.has(run)) return;
      if (await this.#ledger.bury(run.place, run.record, "lost")) this.#observer().lost(observed);
      this.#drop(run);
    } catch (error) {
      // The first time of several.
      if (!this.#troubled.has(run)) this.#observer().failed(error, observed);
      this.#troubled.add(run);
    }
  }

  #drop(run: RemoteRun): void {
    this.#followed.delete(run);
    if (this.#found.get(run.place.id) === run) this.#found.delete(run.place.id);
    this.#beat.keep(this.#followed.size > 0);
  }
}
