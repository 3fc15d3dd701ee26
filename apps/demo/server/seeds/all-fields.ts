import { Controller, Sse } from "@sluice/core";

@Controller("events")
export class EventsController {
  @Sse("notifications")
  async *streamNotifications() {
    yield {
      data: {
        title: "New Message",
        body: "You have a new message",
        timestamp: Date.now(),
      },
      event: "notification", // Event type
      id: "msg-123", // Unique ID
      retry: 3000, // Retry after 3 seconds on disconnect
      comment: "User notification event", // For debugging
    };
  }
}
