import type { Channel } from "../channel/channel.js";
import { SluiceError } from "../errors.js";
import { type Attempt, mayFollow } from "./attempt.js";
import { Audience } from "./audience.js";
import { Opening } from "./opening.js";
import { Production } from "./production.js";
import { free, publishLast, storeEnd } from "./run-ending.js";
import type { RunInfo } from "./run-info.js";
import type { RunKeeper, RunTask } from "./run-keeper.js";
import type { RunSettings } from "./run-options.js";
import { RunOutput } from "./run-output.js";
import type { RunPlace } from "./run-place.js";
import type { Audible } from "./run-source.js";
import type { FinalRunState, RunState } from "./run-store.js";

const REASONS: Readonly<Record<FinalRunState, string>> = {
  done: "The run is done.",
  failed: "The run has failed.",
  refused: "The run has failed.",
  cancelled: "The run was cancelled.",
  orphaned: "Nobody listens to the run any more.",
  lost: "The run is no longer this process's own.",
};

/** One run of a handler in this process, from its start to its one and only end. */
export class Run implements Audible {
  #resolveOver!: () => void;
  readonly place: RunPlace;
  readonly attempt: Attempt;
  readonly channel: Channel;
  readonly settings: RunSettings;
  readonly route: string;
  /** Resolves when it has ended, and its end is stored. */
  readonly over = new Promise<void>((resolve) => {
    this.#resolveOver = resolve;
  });
  beginning: string | undefined;
  readonly #keeper: RunKeeper;
  readonly #production: Production;
  readonly #output: RunOutput;
  readonly #opening = new Opening();
  readonly #audience: Audience;
  readonly #started = Date.now();
  /** Until the end, so that nothing of the request is kept any longer. */
  #task: RunTask | undefined;
  #state: RunState = "running";
  #isSettled = false;
  /** Its end is stored as it was here. */
  #hasEndedItself = false;
  #renewal: Promise<boolean> | undefined;
  #durationTimer: NodeJS.Timeout | undefined;

  constructor(
    place: RunPlace,
    attempt: Attempt,
    channel: Channel,
    settings: RunSettings,
    task: RunTask,
    keeper: RunKeeper,
  ) {
    this.place = place;
    this.attempt = attempt;
    this.channel = channel;
    this.settings = settings;
    this.route = task.route;
    this.#task = task;
    this.#keeper = keeper;
    this.#production = new Production(task.route);
    this.#audience = new Audience(settings.orphan, () => void this.#leaveOrphaned());
    this.#output = new RunOutput(
      task.route,
      channel,
      settings,
      (what) => this.#exceeds(what),
      (id) => this.#begun(id),
    );
  }

  get state(): RunState {
    return this.#state;
  }

  get events(): number {
    return this.#output.events;
  }

  get bytes(): number {
    return this.#output.bytes;
  }

  /** It failed before anybody was told that it is there, and so it never was. */
  get isVoid(): boolean {
    return this.#state === "refused";
  }

  get isOver(): boolean {
    return this.#state !== "running";
  }

  /** Its end is stored. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Who listens to one that has failed already would come back for ever. */
  get comesBack(): boolean {
    return this.#state === "running" && mayFollow(this.attempt, "running");
  }

  /** In milliseconds. */
  get elapsed(): number {
    return Date.now() - this.#started;
  }

  get info(): RunInfo {
    return {
      key: this.place.key,
      principal: this.place.principal,
      state: this.#state,
      started: new Date(this.#started),
      events: this.#output.events,
      listeners: this.#audience.size,
    };
  }

  start(): void {
    const { maxDuration } = this.settings;
    this.#durationTimer = setTimeout(() => {
      this.#end("failed", this.#exceeds(`takes longer than maxDuration, ${maxDuration} ms`));
    }, maxDuration).unref();
    this.#audience.await();
    void this.#produce();
  }

  opening(limit: number, left: (stop: () => void) => void): Promise<void> | undefined {
    return this.#opening.wait(limit, left);
  }

  joined(): void {
    this.#audience.joined();
  }

  left(): void {
    this.#audience.left();
  }

  /** @returns whether that has ended it, which another process may have before; resolves when it is stored */
  async cancel(): Promise<boolean> {
    const isRunning = this.#state === "running";
    this.#end("cancelled");
    await this.over;
    return isRunning && this.#hasEndedItself;
  }

  /** Ends it with its process. Resolves when that is stored. */
  abandon(): Promise<void> {
    this.#end("lost");
    return this.over;
  }

  /** Holds it for another while. @returns whether listeners elsewhere are known of */
  renew(): Promise<boolean> {
    this.#renewal ??= this.#renew().finally(() => (this.#renewal = undefined));
    return this.#renewal;
  }

  async #renew(): Promise<boolean> {
    // Until its end is stored, nobody is to take it for lost.
    if (this.#isSettled) return false;
    const { held, watched } = await this.#keeper.renew(this);
    if (!held) this.#giveUp();
    return watched;
  }

  async #produce(): Promise<void> {
    try {
      await this.#production.run(
        () => this.#task!.call(),
        () => this.#opening.stepping(),
        (item) => this.#output.publish(item),
      );
      this.#end("done");
    } catch (error) {
      if (this.#output.isTaken) this.#giveUp();
      else this.#end("failed", error);
    }
  }

  #begun(first: string): void {
    this.#opening.open();
    void this.#noteBeginning(first);
  }

  /** Who joins from the beginning later learns from it if some of it is missing. */
  async #noteBeginning(first: string): Promise<void> {
    try {
      this.beginning = await this.#keeper.before(this, first);
    } catch {
      // They get what there is, all the same.
    }
  }

  /** Nobody has listened here for long enough; somebody may elsewhere. */
  async #leaveOrphaned(): Promise<void> {
    // Where that can't be learned, there may be somebody.
    const isHeard = await this.renew().catch(() => true);
    if (this.#audience.size > 0) return;
    if (isHeard) this.#audience.awaitAgain();
    else this.#end("orphaned");
  }

  #exceeds(what: string): SluiceError {
    return new SluiceError(
      "ERR_RUN_LIMIT",
      `${this.route}: the run of the key ${JSON.stringify(this.place.key)} ${what}. Raise that option of @Run, or let the handler come to an end before.`,
    );
  }

  /** Another process has taken it over, or cancelled it. */
  #giveUp(): void {
    if (this.#state === "running") this.#keeper.taken(this);
    this.#end("lost");
  }

  /** The one place where a run ends. The handler is told first, and nothing waits for it. */
  #end(reason: Exclude<FinalRunState, "refused">, error?: unknown): void {
    if (this.#state !== "running") return;
    const task = this.#task!;
    this.#task = undefined;
    const isUnheard = this.#output.events === 0 && this.#opening.isPending;
    const state = reason === "failed" && isUnheard ? "refused" : reason;
    this.#state = state;
    this.#audience.stop();
    clearTimeout(this.#durationTimer);
    task.context.abort(REASONS[state]);
    void free(this, task, this.#production.stop(), this.#keeper);
    this.#keeper.ended(this, state);
    this.#tell(error);
    void this.#settle(state, task, error);
  }

  #tell(error: unknown): void {
    if (this.isVoid) {
      this.#opening.fail(error);
      // Who has started it is on the way to hear it.
      setImmediate(() => {
        if (!this.#opening.isTold) this.#keeper.failed(this, error);
      });
      return;
    }
    this.#opening.open();
    if (this.#state === "failed") this.#keeper.failed(this, error);
  }

  /** Stores the end, for all who listen and who come later. Never rejects. */
  async #settle(state: FinalRunState, task: RunTask, error: unknown): Promise<void> {
    await this.#output.settled();
    if (state === "failed") await publishLast(this, task, error, this.#output, this.#keeper);
    // Where it followed another one, that is still to be heard, and to be gone on from.
    const keep = state === "refused" && this.attempt.from === undefined ? 0 : this.settings.keep;
    const stored = await storeEnd(this, state, keep, this.#keeper);
    this.#hasEndedItself = stored.isOurs;
    this.#state = stored.state;
    this.#isSettled = true;
    this.#keeper.settled(this, keep);
    this.#resolveOver();
  }
}
