import type { EventMap } from "@sluice/protocol";
import { Channels } from "../channel/channels.js";
import { Injectable } from "../decorators/injectable.js";
import { HttpError } from "../pipeline/http-error.js";
import { type Attempt, attemptOf, mayFollow } from "./attempt.js";
import type { HandlerContext } from "./handler-context.js";
import { Ledger } from "./ledger.js";
import { LocalRuns } from "./local-runs.js";
import { eventsOf, NO_EVENTS } from "./previous-events.js";
import { RemoteRuns } from "./remote-runs.js";
import type { RunInfo } from "./run-info.js";
import { readRunsOptions, type RunSettings, type RunsOptions } from "./run-options.js";
import { placeOf, type RunPlace } from "./run-place.js";
import { type Audible, type ListenOptions, RunSource } from "./run-source.js";
import type { RunRecord, RunState } from "./run-store.js";
import type { RunTask } from "./run-keeper.js";
import type { Run } from "./run.js";
import type { RunsObserver } from "./runs-observer.js";
import { within } from "./within.js";

/** Whose run is meant. */
export interface RunOwner {
  /** As the plugin's option `principal` gives it; left out for nobody's, and for a shared run. */
  readonly principal?: string | undefined;
}

/** What {@link Runs.attach} takes. */
export interface AttachOptions<M extends EventMap = EventMap> extends ListenOptions<M>, RunOwner {}

/** How often a place is looked at before it is given up: each time, another process has been faster. */
const MAX_LOOKS = 10;

/** How long who comes waits for the end of a run to be stored, in milliseconds. */
const STORES_WITHIN = 15_000;

/** What somebody who comes wants. */
interface Wish {
  /** Undefined where no more is known than the key. */
  readonly settings?: RunSettings;
  /** Undefined for who only listens. */
  readonly task?: RunTask;
}

/**
 * The runs of an application: those of this process, and through their store those of the others. It
 * can be injected.
 */
@Injectable()
export class Runs {
  readonly #ledger: Ledger;
  readonly #local: LocalRuns;
  readonly #remote: RemoteRuns;
  /** Who is being looked for, so that two who come at once never start two. */
  readonly #looking = new Map<string, Promise<Audible | undefined>>();

  /** @throws SluiceError `ERR_OPTION`, `ERR_DURATION` */
  constructor(channels: Channels, options: RunsOptions = {}) {
    const settings = readRunsOptions(options);
    this.#ledger = new Ledger(channels, settings);
    this.#local = new LocalRuns(this.#ledger, settings);
    this.#remote = new RemoteRuns(this.#ledger, () => this.#local.observer);
  }

  /** The runs of this process, those that are running and those that are kept. */
  list(): RunInfo[] {
    return this.#local.all().map(({ info }) => info);
  }

  /**
   * What is known of a run, whichever process runs it; undefined when there is none.
   *
   * @throws SluiceError `ERR_RUN_KEY`; what the store throws
   */
  async get(key: string, { principal }: RunOwner = {}): Promise<RunInfo | undefined> {
    const place = placeOf("runs.get: the key", key, principal);
    const here = this.#local.get(place);
    if (here?.state === "running") return here.info;
    const record = await this.#ledger.find(place);
    if (record === undefined) return undefined;
    return record.attempt === here?.attempt.name ? here.info : this.#infoOf(place, record);
  }

  /**
   * Cancels a run, whichever process runs it: its handler's signal is aborted, and who listens is told
   * that it was cancelled. That is final: nobody who comes while it is kept starts it anew, also where
   * it had failed before.
   *
   * @returns whether it was running
   * @throws SluiceError `ERR_RUN_KEY`; HttpError 503; what the store and the broker throw
   */
  async cancel(key: string, { principal }: RunOwner = {}): Promise<boolean> {
    const place = placeOf("runs.cancel: the key", key, principal);
    const here = this.#local.get(place);
    if (here?.state === "running" && (await here.cancel())) return true;
    for (let looks = 0; looks < MAX_LOOKS; looks++) {
      const record = await this.#ledger.find(place);
      if (record === undefined) return false;
      if (record.state === "running") {
        if (await this.#ledger.bury(place, record, "cancelled")) return true;
      } else if (!mayBeginAgain(record) || (await this.#ledger.seal(place, record))) {
        return false;
      }
    }
    throw tryAgain();
  }

  /**
   * Listens to a run, from the beginning or from where the client was: for a handler of one's own, which
   * returns it. Nothing is started.
   *
   * @throws HttpError 404, `ERR_NO_RUN`, when there is none; SluiceError `ERR_RUN_KEY`, `ERR_OPTION`,
   *   `ERR_DURATION`; what the store throws
   */
  async attach<M extends EventMap = EventMap>(
    key: string,
    { principal, ...options }: AttachOptions<M> = {},
  ): Promise<RunSource<M>> {
    const run = await this.#enter(placeOf("runs.attach: the key", key, principal), {});
    return new RunSource<M>(run, options);
  }

  /**
   * Joins the run of a place, and starts it if there is none and a task is given; for `@Run`.
   *
   * @throws HttpError 404, `ERR_NO_RUN`, or 503; RunLimitError; what the store throws
   */
  async enter(place: RunPlace, settings: RunSettings, task?: RunTask): Promise<RunSource> {
    return new RunSource(await this.#enter(place, task ? { settings, task } : { settings }));
  }

  /** Takes who hears of failures; for adapters. Without one they are warnings of the process. */
  observe(observer: RunsObserver): void {
    this.#local.observer = observer;
  }

  /**
   * Starts no more runs, and ends those that have not ended within a time, as `lost`; for adapters.
   *
   * @param within - in milliseconds
   */
  drain(within: number): Promise<void> {
    return this.#local.drain(within);
  }

  /** Ends what runs, as `lost`. Injected ones are disposed of with their application. */
  async dispose(): Promise<void> {
    this.#remote.close();
    await this.#local.close();
  }

  /** @throws HttpError 404 */
  async #enter(place: RunPlace, wish: Wish): Promise<Audible> {
    for (;;) {
      const here = await this.#findHere(place);
      if (here !== undefined) return here;
      const looking = this.#looking.get(place.id);
      const found = await (looking ?? this.#lookAlone(place, wish));
      if (found === undefined) {
        if (wish.task === undefined) throw noSuchRun();
        // Who had looked before wanted to start none.
        continue;
      }
      if (looking === undefined || !found.isOver || !restarts(wish, found.attempt, found.state))
        return found;
    }
  }

  /** What is known in this process, if that is enough. */
  async #findHere(place: RunPlace): Promise<Audible | undefined> {
    const followed = this.#remote.get(place);
    if (followed !== undefined) return followed;
    const run = this.#local.get(place);
    if (run === undefined || !run.isOver) return run;
    if (mayHaveSuccessor(run)) {
      await within(STORES_WITHIN, run.over);
      if (!run.isSettled) throw tryAgain();
      return undefined;
    }
    // Who listens is told of the end when it is stored.
    if (!run.isSettled || (await this.#ledger.isKept(run.channel.name))) return run;
    this.#local.forget(run);
    return undefined;
  }

  #lookAlone(place: RunPlace, wish: Wish): Promise<Audible | undefined> {
    const looking = this.#look(place, wish).finally(() => this.#looking.delete(place.id));
    this.#looking.set(place.id, looking);
    return looking;
  }

  async #look(place: RunPlace, wish: Wish): Promise<Audible | undefined> {
    const { settings, task } = wish;
    for (let looks = 0; looks < MAX_LOOKS; looks++) {
      const record = await this.#ledger.find(place);
      if (record?.state === "running") {
        if (record.held) return this.#follow(place, record);
        if (await this.#ledger.bury(place, record, "lost"))
          this.#local.observer.lost({ route: task?.route, key: place.key });
        continue;
      }
      const heard = record && (await this.#heard(record, wish));
      if (heard !== undefined) return this.#follow(place, heard);
      if (settings === undefined || task === undefined) return undefined;
      task.context.previous = this.#eventsOf(record, task.context);
      const run = await this.#local.start(place, record, settings, task);
      if (run !== undefined) return run;
    }
    throw tryAgain();
  }

  /** What somebody who comes hears of a run that has ended; undefined if nothing, so that another may start. */
  async #heard(record: RunRecord, wish: Wish): Promise<RunRecord | undefined> {
    const attempt = attemptOf(record);
    if (hasFailed(record.state) && restarts(wish, attempt, record.state)) return undefined;
    // What has no events of its own leaves those of the attempt before to be heard.
    const isEmpty = record.state === "refused" || attempt.isSeal;
    const channel = (isEmpty && attempt.from) || record.channel;
    return (await this.#ledger.isKept(channel)) ? { ...record, channel } : undefined;
  }

  /** What another attempt may go on from. */
  #eventsOf(record: RunRecord | undefined, reader: HandlerContext): HandlerContext["previous"] {
    if (record === undefined || !hasFailed(record.state)) return NO_EVENTS;
    const channel = record.state === "refused" ? attemptOf(record).from : record.channel;
    if (channel === undefined) return NO_EVENTS;
    return eventsOf(this.#ledger.follow(channel), () => this.#ledger.isKept(channel), reader);
  }

  #follow(place: RunPlace, record: RunRecord): Audible {
    const here = this.#local.get(place);
    // Of one that never was, only those are told why who came before its end was stored.
    if (here?.attempt.name === record.attempt && !here.isVoid) return here;
    return this.#remote.follow(place, record);
  }

  #infoOf(place: RunPlace, { attempt, state, held, started, events }: RunRecord): RunInfo {
    // Who ends a run from without can't tell how many it had.
    const isCounted = events > 0 || (state !== "lost" && state !== "cancelled");
    return {
      key: place.key,
      principal: place.principal,
      state: state === "running" && !held ? "lost" : state,
      started: new Date(started),
      events: state !== "running" && isCounted ? events : undefined,
      listeners: this.#remote.listeners(attempt),
    };
  }
}

/** It is not whole, and nobody wanted it so. */
function hasFailed(state: RunState): boolean {
  return state === "failed" || state === "refused" || state === "orphaned" || state === "lost";
}

function mayBeginAgain(record: RunRecord): boolean {
  return hasFailed(record.state) && mayFollow(attemptOf(record), record.state);
}

/** Whether who comes starts anew what has failed, which was this attempt. */
function restarts({ task }: Wish, attempt: Attempt, state: RunState): boolean {
  return task !== undefined && mayFollow(attempt, state);
}

/** Whether there is, or is to be, a newer run than one that has ended here. */
function mayHaveSuccessor({ isVoid, state, attempt }: Run): boolean {
  return isVoid || state === "lost" || (hasFailed(state) && mayFollow(attempt, state));
}

function tryAgain(): HttpError {
  return new HttpError(503, "Try again later.");
}

function noSuchRun(): HttpError {
  return new HttpError(404, "There is no such run.", { code: "ERR_NO_RUN" });
}
