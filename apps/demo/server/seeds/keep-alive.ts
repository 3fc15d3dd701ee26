import { Controller, Sse, SseStream } from "@sluice/core";

@Controller("events")
export class EventsController {
  @Sse("updates")
  streamUpdates() {
    const stream = new SseStream();

    // Send keep-alive every 15 seconds
    const keepAlive = setInterval(() => {
      stream.sendComment("keep-alive");
    }, 15000);

    stream.onClose(() => clearInterval(keepAlive));

    return stream;
  }
}
