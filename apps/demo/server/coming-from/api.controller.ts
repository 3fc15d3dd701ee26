import { Body, Channels, Controller, Post, Sse } from "@sluice/core";
import { z } from "zod";

/** A name may not break its line, and those that begin with "sluice." are Sluice's own. */
const EventName = z.string().regex(/^(?!sluice\.)[^\r\n]+$/);
const Sent = z.object({ event: EventName, data: z.json() });

/**
 * The Express service's two routes. Its SSE_RETRY_TIMEOUT is the option `retry` of the plugin that
 * serves this controller.
 */
@Controller("api")
export class ApiController {
  constructor(private readonly channels: Channels) {}

  @Sse("events")
  events() {
    return this.channels.get("api");
  }

  @Post("send")
  async send(@Body(Sent) { event, data }: z.infer<typeof Sent>) {
    const { local } = await this.channels.get("api").publish({ event, data });
    return { sent: local };
  }
}
