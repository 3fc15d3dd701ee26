import { Body, Channels, Controller, Post, Sse } from "@sluice/core";
import { z } from "zod";

const Announcement = z.object({ message: z.string().min(1) });

type Events = { notification: z.infer<typeof Announcement> };

@Controller()
export class BroadcastController {
  constructor(private readonly channels: Channels) {}

  @Sse("stream")
  stream() {
    return this.channels.get<Events>("everyone");
  }

  @Post("broadcast")
  async broadcast(@Body(Announcement) data: Events["notification"]) {
    const everyone = this.channels.get<Events>("everyone");
    const { local } = await everyone.publish({ event: "notification", data });
    return { sent: local };
  }
}
