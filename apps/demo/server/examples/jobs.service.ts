import { Injectable } from "@sluice/core";
import { Neighbours, type Shared } from "../nodes/neighbours.js";
import { Job } from "./job.js";

const KEPT = 100;

/** How far a job is, as the node tells it that does the work. */
interface Step {
  readonly id: string;
  readonly percent: number;
}

interface Known {
  readonly job: Job;
  /** The process that does it. */
  readonly worker: string;
}

/** The jobs of all nodes. One that does the work may be gone before it is done: then the job is lost. */
@Injectable()
export class JobsService {
  readonly #jobs = new Map<string, Known>();
  readonly #steps: Shared<Step>;

  constructor(private readonly neighbours: Neighbours) {
    this.#steps = neighbours.share<Step>("jobs", (step, worker) => this.#heard(step, worker), 100);
    neighbours.onLost(() => {
      for (const known of this.#jobs.values()) this.#check(known);
    });
  }

  /** Starts a job. The oldest are forgotten beyond a hundred. */
  async start(): Promise<Job> {
    const job = new Job();
    await this.#steps.tell({ id: job.id, percent: 0 });
    job.run((percent) => {
      this.#steps.tell({ id: job.id, percent }).catch((error: Error) => process.emitWarning(error));
    });
    return job;
  }

  /** Finds a job, on whatever node it was started. */
  async find(id: string): Promise<Job | undefined> {
    if (!this.#jobs.has(id)) await this.#steps.caughtUp();
    const found = this.#jobs.get(id);
    if (found !== undefined) this.#check(found);
    return found?.job;
  }

  #check({ job, worker }: Known): void {
    if (job.percent < 100 && !job.isLost && !this.neighbours.lives(worker)) job.lose();
  }

  #heard({ id, percent }: Step, worker: string): void {
    const known = this.#jobs.get(id) ?? { job: new Job(id), worker };
    this.#jobs.set(id, known);
    known.job.reach(percent);
    for (const oldest of this.#jobs.keys()) {
      if (this.#jobs.size <= KEPT) break;
      this.#jobs.delete(oldest);
    }
  }
}
