import { Controller, Headers, Sse } from "@sluice/core";

@Controller("events")
export class EventsController {
  @Sse("updates")
  async *streamUpdates(@Headers("last-event-id") lastEventId?: string) {
    let startId = lastEventId ? parseInt(lastEventId) : 0;

    for (let i = startId; i < 100; i++) {
      yield {
        data: { count: i },
        id: String(i), // Client can reconnect from this point
        retry: 3000, // Retry after 3 seconds
      };

      await new Promise((r) => setTimeout(r, 1000));
    }
  }
}
