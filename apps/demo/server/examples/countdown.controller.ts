import { setTimeout as sleep } from "node:timers/promises";
import { Controller, Signal, Sse, type SseEvents } from "@sluice/core";

@Controller("events")
export class CountdownController {
  @Sse("countdown")
  async *countdown(@Signal() signal: AbortSignal): SseEvents<{
    countdown: { count: number };
    complete: { message: string };
  }> {
    for (let count = 10; count >= 1; count--) {
      yield { event: "countdown", id: String(11 - count), data: { count } };
      await sleep(1000, undefined, { signal });
    }
    yield { event: "complete", data: { message: "Countdown complete!" } };
  }
}
