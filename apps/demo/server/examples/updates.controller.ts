import { setTimeout as sleep } from "node:timers/promises";
import { Controller, LastEventId, Signal, Sse, type SseEvents } from "@sluice/core";

@Controller("events")
export class UpdatesController {
  @Sse("updates")
  async *updates(
    @LastEventId() lastEventId: string | undefined,
    @Signal() signal: AbortSignal,
  ): SseEvents<{ message: { count: number }; notification: { title: string } }> {
    const last = Number.parseInt(lastEventId ?? "-1", 10);
    yield { retry: 1000 };
    for (let count = last + 1; count < 100; count++) {
      yield { id: String(count), data: { count } };
      if (count % 5 === 4) yield { event: "notification", data: { title: `${count + 1} updates` } };
      await sleep(1000, undefined, { signal });
    }
  }
}
