import type { Outcome } from "@sluice/protocol";
import type { Context } from "../pipeline/context.js";
import type { SourceItem } from "../source.js";
import type { HandlerContext } from "./handler-context.js";
import type { FinalRunState, Renewal } from "./run-store.js";
import type { Run } from "./run.js";

/** What a run does, and with what. */
export interface RunTask {
  /** The handler, as `Class.method`. */
  readonly route: string;
  readonly context: HandlerContext;
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
  /**
   * Stores that the channel is over, and keeps it for so long.
   *
   * @returns how it had been ended before, which counts; undefined where this has ended it
   */
  endChannel(run: Run, outcome: Outcome, keep: number): Promise<Outcome | undefined>;
  /** @returns false where another process has ended it */
  finish(run: Run, state: FinalRunState, keep: number): boolean | Promise<boolean>;
  renew(run: Run): Renewal | Promise<Renewal>;
  /** The cursor before an event. */
  before(run: Run, id: string): string | Promise<string>;
  /** It runs no more. */
  ended(run: Run, state: FinalRunState): void;
  /** All of that is stored. */
  settled(run: Run, keep: number): void;
  /** It has failed, and nobody else is told why. */
  failed(run: Run, error: unknown): void;
  /** Another process has taken it over. */
  taken(run: Run): void;
  stopping(route: string, stopping: Promise<boolean>): void;
}
