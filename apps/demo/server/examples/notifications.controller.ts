import { Body, Channels, Controller, Param, Post, Query, Sse } from "@sluice/core";
import { z } from "zod";

const Notification = z.object({ title: z.string().min(1), body: z.string().optional() });
const UserId = z.string().min(1).max(100);

type Events = { notification: z.infer<typeof Notification> };

@Controller("notifications")
export class NotificationsController {
  constructor(private readonly channels: Channels) {}

  @Sse("stream")
  stream(@Query("userId", UserId) userId: string) {
    return this.channels.get<Events>(`notifications:${userId}`);
  }

  @Post(":userId")
  async notify(
    @Param("userId", UserId) userId: string,
    @Body(Notification) data: Events["notification"],
  ) {
    const feed = this.channels.get<Events>(`notifications:${userId}`);
    const { local } = await feed.publish({ event: "notification", data });
    return { reached: local };
  }
}
