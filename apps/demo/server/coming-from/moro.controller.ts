import { setTimeout as sleep } from "node:timers/promises";
import { Controller, Signal, Sse, SseStream } from "@sluice/core";

/** The MoroJS guide's streams. Its broadcast is among the demo's own examples. */
@Controller("moro")
export class MoroController {
  /** `res.sse({ retry, keepAlive })` and `req.on("close")` become options and a signal. */
  @Sse("events", { retry: "10s", keepAlive: "30s" })
  async *events(@Signal() signal: AbortSignal) {
    for (;;) {
      await sleep(5000, undefined, { signal });
      yield { event: "update", data: { timestamp: Date.now() } };
    }
  }

  /** Different event types on one stream. */
  @Sse("kinds")
  kinds() {
    const stream = new SseStream();
    stream.send({ event: "message", data: "Hello" });
    stream.send({ event: "update", data: { count: 10 } });
    stream.send({ event: "error", data: { message: "Error" } });
    return stream;
  }
}
