import { HttpError, type ObservedRun, type RunsObserver } from "@sluice/core";
import type { FastifyBaseLogger } from "fastify";
import { logFault } from "./fault-log.js";
import type { Stragglers } from "./stragglers.js";

/** Tells the log what becomes of runs and no client is told. */
export class RunLog implements RunsObserver {
  readonly #log: FastifyBaseLogger;
  readonly #stragglers: Stragglers;

  constructor(log: FastifyBaseLogger, stragglers: Stragglers) {
    this.#log = log;
    this.#stragglers = stragglers;
  }

  failed(error: unknown, { route, key }: ObservedRun): void {
    if (error instanceof HttpError && error.statusCode < 500)
      this.#log.info({ err: error, route, run: key }, "run failed");
    else logFault(this.#log, error, route ?? "A run", { run: key });
  }

  lost({ route, key }: ObservedRun): void {
    this.#log.info({ route, run: key }, "run was ended by another process");
  }

  stopping(route: string, stopping: Promise<boolean>): void {
    this.#stragglers.watch(route, stopping, "its run ended");
  }
}
