import { Controller, HttpError, Param, Post, Signal, Sse, type SseEvents } from "@sluice/core";
import { JobsService } from "./jobs.service.js";

interface Progress {
  jobId: string;
  progress: number;
  status: "started" | "running" | "completed" | "lost";
}

@Controller("jobs")
export class JobsController {
  constructor(private readonly jobs: JobsService) {}

  @Post()
  async start() {
    return { jobId: (await this.jobs.start()).id };
  }

  @Sse("progress/:jobId")
  async *progress(
    @Param("jobId") jobId: string,
    @Signal() signal: AbortSignal,
  ): SseEvents<{ start: Progress; progress: Progress; complete: Progress; lost: Progress }> {
    const job = await this.jobs.find(jobId);
    // Nothing has been sent yet: this is an ordinary 404.
    if (job === undefined) throw new HttpError(404, `There is no job "${jobId}".`);

    yield { event: "start", data: { jobId, progress: 0, status: "started" } };
    for await (const progress of job.watch(signal)) {
      const id = `${jobId}-${progress}`;
      yield { event: "progress", id, data: { jobId, progress, status: "running" } };
    }
    if (job.isLost) {
      yield { event: "lost", data: { jobId, progress: job.percent, status: "lost" } };
      return;
    }
    yield { event: "complete", data: { jobId, progress: 100, status: "completed" } };
  }
}
