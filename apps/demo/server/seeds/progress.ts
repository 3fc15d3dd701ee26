import { Controller, Param, Sse } from "@sluice/core";

@Controller("jobs")
export class JobsController {
  @Sse("progress/:jobId")
  async *trackProgress(@Param("jobId") jobId: string) {
    yield { data: { status: "started", progress: 0 }, event: "start" };

    for (let progress = 0; progress <= 100; progress += 10) {
      yield {
        data: { jobId, progress, status: "running" },
        event: "progress",
        id: `${jobId}-${progress}`,
      };

      await new Promise((resolve) => setTimeout(resolve, 500));
    }

    yield {
      data: { jobId, progress: 100, status: "completed" },
      event: "complete",
    };
  }
}
