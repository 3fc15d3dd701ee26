import { Body, Controller, Post, Sse } from "@sluice/core";
import { z } from "zod";
import { Feeds } from "../examples/feeds.js";

/** A name may not break its line, and those that begin with "sluice." are Sluice's own. */
const EventName = z.string().regex(/^(?!sluice\.)[^\r\n]+$/);
const Sent = z.object({ event: EventName, data: z.json() });

/**
 * The Express service's two routes. Its SSE_RETRY_TIMEOUT is the option `retry` of the plugin that
 * serves this controller.
 */
@Controller("api")
export class ApiController {
  constructor(private readonly feeds: Feeds) {}

  @Sse("events")
  events() {
    return this.feeds.join("api");
  }

  @Post("send")
  send(@Body(Sent) { event, data }: z.infer<typeof Sent>) {
    return { sent: this.feeds.publish("api", { event, data }) };
  }
}
