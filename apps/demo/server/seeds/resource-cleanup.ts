import { Controller, Sse, SseStream } from "@sluice/core";
import { EventService } from "./support/event.service.js";

@Controller("events")
export class EventsController {
  constructor(private eventService: EventService) {}

  @Sse("events")
  streamEvents() {
    const stream = new SseStream();
    const subscription = this.eventService.subscribe();

    stream.onClose(() => {
      subscription.unsubscribe();
      console.log("Stream closed, resources cleaned up");
    });

    subscription.on("event", (event) => {
      stream.send({ data: event });
    });

    return stream;
  }
}
