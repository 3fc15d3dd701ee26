import { Controller, Sse, SseStream } from "@sluice/core";
import { Meter, type Reading } from "./meter.js";

@Controller("events")
export class MetricsController {
  constructor(private readonly meter: Meter) {}

  @Sse("metrics")
  metrics() {
    const stream = new SseStream<{ message: Reading }>();
    const report = () => stream.sendData(this.meter.read());

    report();
    const timer = setInterval(report, 1000);
    stream.onClose(() => clearInterval(timer));
    return stream;
  }
}
