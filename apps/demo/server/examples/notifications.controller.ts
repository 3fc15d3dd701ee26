import { Body, Controller, Param, Post, Query, Sse } from "@sluice/core";
import { z } from "zod";
import { Feeds } from "./feeds.js";

const Notification = z.object({ title: z.string().min(1), body: z.string().optional() });
const UserId = z.string().min(1);

type Events = { notification: z.infer<typeof Notification> };

@Controller("notifications")
export class NotificationsController {
  constructor(private readonly feeds: Feeds) {}

  @Sse("stream")
  stream(@Query("userId", UserId) userId: string) {
    return this.feeds.join<Events>(`notifications:${userId}`);
  }

  @Post(":userId")
  notify(
    @Param("userId") userId: string,
    @Body(Notification) notification: Events["notification"],
  ) {
    const event = { event: "notification", data: notification } as const;
    return { reached: this.feeds.publish<Events>(`notifications:${userId}`, event) };
  }
}
