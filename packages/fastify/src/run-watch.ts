import {
  HttpError,
  type LocalRun,
  type ObservedRun,
  type RunEnd,
  type RunsObserver,
} from "@sluice/core";
import type { FastifyBaseLogger } from "fastify";
import { type RunEnded, type RunStarted, runEnded, runStarted } from "./diagnostics.js";
import { logFault } from "./fault-log.js";
import type { Stragglers } from "./stragglers.js";

/** Tells what becomes of runs: the log what no client is told, and who listens to diagnostics. */
export class RunWatch implements RunsObserver {
  readonly #log: FastifyBaseLogger;
  readonly #stragglers: Stragglers;

  constructor(log: FastifyBaseLogger, stragglers: Stragglers) {
    this.#log = log;
    this.#stragglers = stragglers;
  }

  started({ attempt: id, route, key }: LocalRun): void {
    if (runStarted.hasSubscribers) runStarted.publish({ id, route, key } satisfies RunStarted);
  }

  ended({ attempt: id, route, key }: LocalRun, { elapsed: duration, ...end }: RunEnd): void {
    if (runEnded.hasSubscribers)
      runEnded.publish({ id, route, key, duration, ...end } satisfies RunEnded);
  }

  failed(error: unknown, { route, key }: ObservedRun): void {
    if (error instanceof HttpError && error.statusCode < 500)
      this.#log.info({ err: error, route, run: key }, "run failed");
    else logFault(this.#log, error, route ?? "A run", { run: key });
  }

  lost({ route, key }: ObservedRun): void {
    this.#log.warn({ route, run: key }, "run was lost with its process");
  }

  taken({ route, key }: ObservedRun): void {
    this.#log.info({ route, run: key }, "run was ended by another process");
  }

  stopping(route: string, stopping: Promise<boolean>): void {
    this.#stragglers.watch(route, stopping, "its run ended");
  }
}
