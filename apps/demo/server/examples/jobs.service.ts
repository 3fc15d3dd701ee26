import { EventEmitter, once } from "node:events";
import { randomUUID } from "node:crypto";
import { Injectable } from "@sluice/core";

const STEP = 10;
const STEP_TIME = 400;
const KEPT = 100;

/** A piece of work that takes a few seconds. */
export class Job extends EventEmitter<{ progress: [] }> {
  readonly id = randomUUID().slice(0, 8);
  #percent = 0;

  /** Starts the work. */
  run(): this {
    const timer = setInterval(() => {
      this.#percent += STEP;
      if (this.#percent >= 100) clearInterval(timer);
      this.emit("progress");
    }, STEP_TIME);
    timer.unref();
    return this;
  }

  /** How far it is, now and at each step to come, from 0 to 100. */
  async *watch(signal: AbortSignal): AsyncGenerator<number, void, unknown> {
    for (let told = -1; told < 100;) {
      // A step may have been taken while the last one was on its way.
      if (told === this.#percent) await once(this, "progress", { signal });
      yield (told = this.#percent);
    }
  }
}

@Injectable()
export class JobsService {
  readonly #jobs = new Map<string, Job>();

  /** Starts a job. The oldest are forgotten beyond a hundred. */
  start(): Job {
    const job = new Job();
    this.#jobs.set(job.id, job);
    for (const id of this.#jobs.keys()) {
      if (this.#jobs.size <= KEPT) break;
      this.#jobs.delete(id);
    }
    return job.run();
  }

  find(id: string): Job | undefined {
    return this.#jobs.get(id);
  }
}
