import { Body, Channels, Controller, LastEventId, Post, Sse } from "@sluice/core";

type Events = { message: string };

/** The Express guide's basic server: a greeting, and a broadcast of plain text. */
@Controller("express-basic")
export class ExpressBasicController {
  constructor(private readonly channels: Channels) {}

  @Sse("events")
  async *events(@LastEventId() lastEventId?: string) {
    yield "Connected to server";
    yield* this.channels.get<Events>("express-basic").subscribe({ lastEventId });
  }

  @Post("broadcast")
  async broadcast(@Body("message") message: string) {
    const channel = this.channels.get<Events>("express-basic");
    const { local } = await channel.publish({ data: message });
    return { sent: local };
  }
}
