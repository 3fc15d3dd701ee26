import { Controller, Sse } from "@sluice/core";
import { SseStream } from "@sluice/core";

@Controller("monitoring")
export class MonitoringController {
  @Sse("metrics")
  streamMetrics() {
    const stream = new SseStream();

    const interval = setInterval(async () => {
      const metrics = {
        cpu: process.cpuUsage(),
        memory: process.memoryUsage(),
        uptime: process.uptime(),
      };

      stream.send({
        data: metrics,
        event: "metrics",
        id: String(Date.now()),
      });

      // Send keep-alive every 30 seconds
      if (Date.now() % 30000 < 1000) {
        stream.sendComment("keep-alive");
      }
    }, 1000);

    stream.onClose(() => clearInterval(interval));

    return stream;
  }
}
