import { Controller, Sse, SseStream } from "@sluice/core";

@Controller("events")
export class HeartbeatController {
  /** After two seconds of silence, a comment keeps proxies from closing the connection. */
  @Sse("heartbeat", { keepAlive: "2s" })
  heartbeat() {
    const stream = new SseStream();
    stream.sendData("Quiet from here on.");
    // A comment of your own is possible too.
    stream.sendComment("sent by hand");
    return stream;
  }
}
