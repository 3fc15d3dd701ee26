import { Controller, Sse } from "@sluice/core";

@Controller("events")
export class EventsController {
  @Sse("updates")
  async *streamUpdates() {
    // Send initial connection message
    yield {
      data: { message: "Connected" },
      event: "connected",
    };

    // Stream data
    for (let i = 0; i < 10; i++) {
      yield {
        data: { count: i, timestamp: new Date().toISOString() },
        event: "update",
        id: String(i),
      };

      await new Promise((resolve) => setTimeout(resolve, 1000));
    }

    // Send completion message
    yield {
      data: { message: "Stream complete" },
      event: "complete",
    };
  }
}
