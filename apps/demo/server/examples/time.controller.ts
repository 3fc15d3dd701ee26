import { Controller, Sse, SseStream } from "@sluice/core";

@Controller("events")
export class TimeController {
  @Sse("time")
  time() {
    const stream = new SseStream<{ time: { time: string } }>();
    const tick = () => stream.send({ event: "time", data: { time: new Date().toISOString() } });

    tick();
    const timer = setInterval(tick, 1000);
    stream.onClose(() => clearInterval(timer));
    return stream;
  }
}
