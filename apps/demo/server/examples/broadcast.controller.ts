import { Body, Controller, Post, Sse } from "@sluice/core";
import { z } from "zod";
import { Feeds } from "./feeds.js";

const Announcement = z.object({ message: z.string().min(1) });

type Events = { notification: z.infer<typeof Announcement> };

@Controller()
export class BroadcastController {
  constructor(private readonly feeds: Feeds) {}

  @Sse("stream")
  stream() {
    return this.feeds.join<Events>("everyone");
  }

  @Post("broadcast")
  broadcast(@Body(Announcement) announcement: Events["notification"]) {
    const event = { event: "notification", data: announcement } as const;
    return { sent: this.feeds.publish<Events>("everyone", event) };
  }
}
