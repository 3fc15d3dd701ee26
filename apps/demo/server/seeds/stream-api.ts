import { Controller, Sse, SseStream } from "@sluice/core";

@Controller("events")
export class EventsController {
  @Sse("methods")
  streamMethods() {
    const stream = new SseStream();

    stream.send({
      data: { message: "Hello" },
      event: "greeting",
      id: "1",
    });

    stream.sendData({ status: "ok", count: 42 });

    stream.sendComment("keep-alive");

    const interval = setInterval(() => {
      stream.send({ data: "ping" });
    }, 1000);

    stream.onClose(() => {
      clearInterval(interval);
      console.log("Client disconnected");
    });

    if (!stream.isClosed()) {
      stream.send({ data: "Still open" });
    }

    return stream;
  }

  @Sse("closing")
  streamAndClose() {
    const stream = new SseStream();
    stream.send({ data: "ping" });
    stream.close();
    return stream;
  }
}
