import { Controller, Sse } from "@sluice/core";
import { SseStream } from "@sluice/core";

@Controller("events")
export class EventsController {
  @Sse("time")
  streamTime() {
    const stream = new SseStream();
    let count = 0;

    const interval = setInterval(() => {
      stream.send({
        data: { time: new Date().toISOString(), count: count++ },
        event: "time",
      });

      if (count >= 10) {
        clearInterval(interval);
        stream.close();
      }
    }, 1000);

    // Clean up when client disconnects
    stream.onClose(() => {
      clearInterval(interval);
    });

    return stream;
  }
}
