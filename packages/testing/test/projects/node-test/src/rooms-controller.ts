import { setTimeout as sleep } from "node:timers/promises";
import { Controller, LastEventId, Signal, Sse, type SseEvents } from "@sluice/core";

@Controller("rooms")
export class RoomsController {
  @Sse("countdown")
  async *countdown(@LastEventId() last = "4"): SseEvents<{ tick: { n: number } }> {
    for (let n = Number(last) - 1; n > 0; n--) {
      yield { event: "tick", id: String(n), data: { n } };
    }
  }

  @Sse("reports")
  async *reports(@Signal() signal: AbortSignal): SseEvents<{ report: { day: number } }> {
    for (let day = 1; day <= 3; day++) {
      await sleep(86_400_000, undefined, { signal });
      yield { event: "report", data: { day } };
    }
  }

  @Sse("quiet")
  async *quiet(@Signal() signal: AbortSignal): SseEvents<{ note: string }> {
    yield { event: "note", data: "nothing for an hour" };
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, 3_600_000);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
