import { Buffer } from "node:buffer";
import type { Channel } from "../channel/channel.js";
import { SluiceError, type SluiceErrorCode } from "../errors.js";
import { Frame } from "../frame.js";
import type { Context } from "../pipeline/context.js";
import type { SourceItem } from "../source.js";
import { insist } from "./insist.js";
import { Opening } from "./opening.js";
import { Production } from "./production.js";
import type { RunContext } from "./run-context.js";
import type { RunInfo } from "./run-info.js";
import type { RunSettings } from "./run-options.js";
import type { RunPlace } from "./run-place.js";
import type { Audible } from "./run-source.js";
import type { Renewal, RunState } from "./run-store.js";
import { Turns } from "./turns.js";
import { within } from "./within.js";

/** What a run does, and with what. */
export interface RunTask {
  /** The handler, as `Class.method`. */
  readonly route: string;
  readonly context: RunContext;
  /** Calls the handler through its interceptors. */
  readonly call: () => unknown;
  /** Maps an error to a last event. */
  readonly onError:
    | ((error: unknown, ctx: Context) => SourceItem | undefined | Promise<SourceItem | undefined>)
    | undefined;
  /** Frees what was made for it. */
  readonly dispose: () => void | Promise<void>;
}

/** What keeps a run, and stores what becomes of it. */
export interface RunKeeper {
  /** Nothing that fails now is tried again. */
  readonly isClosed: boolean;
  /** Stores that the channel is over, and keeps it for so long. */
  endChannel(run: Run, outcome: "done" | "failed", keep: number): Promise<void>;
  finish(run: Run, state: Exclude<RunState, "running">, keep: number): unknown;
  renew(run: Run): Renewal | Promise<Renewal>;
  /** The cursor before an event. */
  before(run: Run, id: string): string | Promise<string>;
  /** It runs no more. */
  ended(run: Run): void;
  /** All of that is stored. */
  settled(run: Run, keep: number): void;
  /** It has failed, and nobody else is told why. */
  failed(run: Run, error: unknown): void;
  /** It is no longer this process's own. */
  lost(run: Run): void;
  stopping(route: string, stopping: Promise<boolean>): void;
}

/** How long what is freed with a run waits for its handler to stop, in milliseconds. */
const STOPS_WITHIN = 10_000;

/** How long it is tried to store an end, at least, in milliseconds. */
const INSISTS_FOR = 60_000;

const REASONS: Readonly<Record<Exclude<RunState, "running">, string>> = {
  done: "The run is done.",
  failed: "The run has failed.",
  cancelled: "The run was cancelled.",
  lost: "The run is no longer this process's own.",
};

/** One run of a handler in this process, from its start to its one and only end. */
export class Run implements Audible {
  #resolveOver!: () => void;
  readonly place: RunPlace;
  readonly attempt: string;
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
  readonly #opening = new Opening();
  readonly #turns = new Turns();
  readonly #started = Date.now();
  /** Until the end, so that nothing of the request is kept any longer. */
  #task: RunTask | undefined;
  #state: RunState = "running";
  #isVoid = false;
  #events = 0;
  #bytes = 0;
  #listeners = 0;
  #publishing: Promise<unknown> | undefined;
  /** Another has ended its channel. */
  #isTaken = false;
  #renewal: Promise<boolean> | undefined;
  #orphanTimer: NodeJS.Timeout | undefined;
  #durationTimer: NodeJS.Timeout | undefined;
  #isSettled = false;

  constructor(
    place: RunPlace,
    attempt: string,
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
  }

  get state(): RunState {
    return this.#state;
  }

  get events(): number {
    return this.#events;
  }

  get listeners(): number {
    return this.#listeners;
  }

  /** It failed before anybody was told that it is there, and so it never was. */
  get isVoid(): boolean {
    return this.#isVoid;
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
    return this.settings.restart === "on-error" && this.#state === "running";
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
      events: this.#events,
      listeners: this.#listeners,
    };
  }

  start(): void {
    const { maxDuration } = this.settings;
    this.#durationTimer = setTimeout(() => {
      this.#end("failed", this.#exceeds(`takes longer than maxDuration, ${maxDuration} ms`));
    }, maxDuration).unref();
    this.#awaitListeners();
    void this.#produce();
  }

  opening(limit: number, left: (stop: () => void) => void): Promise<void> | undefined {
    return this.#opening.wait(limit, left);
  }

  joined(): void {
    this.#listeners++;
    clearTimeout(this.#orphanTimer);
  }

  left(): void {
    this.#listeners--;
    this.#awaitListeners();
  }

  /** @returns whether it was running; resolves when its end is stored */
  async cancel(): Promise<boolean> {
    const isRunning = this.#state === "running";
    this.#end("cancelled");
    await this.over;
    return isRunning;
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
    if (!held) this.#end("lost");
    return watched;
  }

  async #produce(): Promise<void> {
    try {
      await this.#production.run(
        () => this.#task!.call(),
        () => this.#opening.stepping(),
        (item) => this.#publish(item),
      );
      this.#end("done");
    } catch (error) {
      this.#end(this.#isTaken ? "lost" : "failed", error);
    }
  }

  /** @throws what publishing throws; SluiceError `ERR_RUN_LIMIT` */
  async #publish(item: SourceItem): Promise<void> {
    const frame = item instanceof Frame ? item : Frame.of(item);
    const { maxEvents, maxBytes } = this.settings;
    const bytes = this.#bytes + Buffer.byteLength(frame.text);
    if (this.#events >= maxEvents) throw this.#exceeds(`has more than maxEvents, ${maxEvents}`);
    if (bytes > maxBytes) throw this.#exceeds(`has more than maxBytes, ${maxBytes}`);
    await this.#store(frame, bytes);
    await this.#turns.take();
  }

  async #store(frame: Frame, bytes: number): Promise<void> {
    const publishing = this.channel.publish(frame);
    this.#publishing = publishing;
    let id: string;
    try {
      ({ id } = await publishing);
    } catch (error) {
      this.#isTaken = hasCode(error, "ERR_CHANNEL_ENDED");
      throw error;
    }
    this.#bytes = bytes;
    if (++this.#events > 1) return;
    this.#opening.open();
    void this.#noteBeginning(id);
  }

  /** Who joins from the beginning later learns from it if some of it is missing. */
  async #noteBeginning(first: string): Promise<void> {
    try {
      this.beginning = await this.#keeper.before(this, first);
    } catch {
      // They get what there is, all the same.
    }
  }

  /** Cancels the run when nobody has listened for long enough, here or elsewhere. */
  #awaitListeners(): void {
    const { orphan } = this.settings;
    if (orphan === false || this.#listeners > 0 || this.#state !== "running") return;
    clearTimeout(this.#orphanTimer);
    this.#orphanTimer = setTimeout(() => void this.#cancelOrphan(), orphan).unref();
  }

  async #cancelOrphan(): Promise<void> {
    // Where that can't be learned, there may be somebody.
    const isHeard = await this.renew().catch(() => true);
    if (this.#listeners > 0) return;
    if (isHeard) this.#awaitListeners();
    else this.#end("cancelled");
  }

  #exceeds(what: string): SluiceError {
    return new SluiceError(
      "ERR_RUN_LIMIT",
      `${this.route}: the run of the key ${JSON.stringify(this.place.key)} ${what}. Raise that option of @Run, or let the handler come to an end before.`,
    );
  }

  /** The one place where a run ends. The handler is told first, and nothing waits for it. */
  #end(state: Exclude<RunState, "running">, error?: unknown): void {
    if (this.#state !== "running") return;
    const task = this.#task!;
    this.#task = undefined;
    this.#state = state;
    this.#isVoid = state === "failed" && this.#events === 0 && this.#opening.isPending;
    clearTimeout(this.#orphanTimer);
    clearTimeout(this.#durationTimer);
    task.context.abort(REASONS[state]);
    void this.#free(task, this.#production.stop());
    this.#keeper.ended(this);
    this.#tell(error);
    void this.#settle(state, task, error);
  }

  #tell(error: unknown): void {
    if (this.#isVoid) {
      this.#opening.fail(error);
      // Who has started it is on the way to hear it.
      setImmediate(() => {
        if (!this.#opening.isTold) this.#keeper.failed(this, error);
      });
      return;
    }
    this.#opening.open();
    if (this.#state === "failed") this.#keeper.failed(this, error);
    if (this.#state === "lost") this.#keeper.lost(this);
  }

  /** Stores the end, for all who listen and who come later. Never rejects. */
  async #settle(
    state: Exclude<RunState, "running">,
    { onError, context }: RunTask,
    error: unknown,
  ): Promise<void> {
    await this.#publishing?.catch(() => undefined);
    if (state === "failed" && !this.#isVoid && onError !== undefined)
      await this.#publishLast(async () => onError(error, context));
    const keep = this.#isVoid ? 0 : this.settings.keep;
    const insistence = {
      within: Math.max(keep, INSISTS_FOR),
      isHopeless: (fault: unknown) => this.#keeper.isClosed || hasCode(fault, "ERR_BROKER_CLOSED"),
      report: (fault: unknown) => this.#keeper.failed(this, fault),
    };
    const outcome = state === "done" ? "done" : "failed";
    await insist(() => this.#keeper.endChannel(this, outcome, keep), insistence);
    await insist(() => this.#keeper.finish(this, state, keep), insistence);
    this.#isSettled = true;
    this.#keeper.settled(this, keep);
    this.#resolveOver();
  }

  async #publishLast(give: () => Promise<SourceItem | undefined>): Promise<void> {
    try {
      const item = await give();
      if (item === undefined) return;
      await this.#store(item instanceof Frame ? item : Frame.of(item), this.#bytes);
    } catch (error) {
      this.#keeper.failed(this, error);
    }
  }

  /** Frees what was made for the run, once the handler has let go of it. */
  async #free(task: RunTask, stopping: Promise<boolean> | undefined): Promise<void> {
    if (stopping !== undefined) {
      this.#keeper.stopping(this.route, stopping);
      await within(STOPS_WITHIN, stopping);
    }
    try {
      await task.dispose();
    } catch (error) {
      this.#keeper.failed(this, error);
    }
  }
}

function hasCode(error: unknown, code: SluiceErrorCode): boolean {
  return error instanceof SluiceError && error.code === code;
}
