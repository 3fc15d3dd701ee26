import { Body, Channels, Controller, LastEventId, Param, Post, Sse, SseStream } from "@sluice/core";

type Events = {
  "user-online": { clientId: number };
  "user-count": { count: number };
  notification: { title: string; message: string };
};

type UserEvents = { message: unknown };

/** The Express guide's larger server: presence, a map of users, analytics. Its ids are the channels'. */
@Controller("express")
export class ExpressController {
  constructor(private readonly channels: Channels) {}

  /** The heartbeat of thirty seconds is an option. */
  @Sse("events", { keepAlive: "30s" })
  async *events(@LastEventId() lastEventId?: string) {
    const everyone = this.channels.get<Events>("express");
    yield { event: "user-online", data: { clientId: Date.now() } };
    // This client joins with the next line.
    yield { event: "user-count", data: { count: everyone.subscribers + 1 } };
    yield* everyone.subscribe({ lastEventId });
  }

  @Post("notify")
  async notify(@Body("title") title: string, @Body("message") message: string) {
    const everyone = this.channels.get<Events>("express");
    await everyone.publish({ event: "notification", data: { title, message } });
    return { ok: true };
  }

  @Sse("events/:userId")
  async *eventsOfUser(@Param("userId") userId: string, @LastEventId() lastEventId?: string) {
    yield "Connected";
    yield* this.channels.get<UserEvents>(`express:${userId}`).subscribe({ lastEventId });
  }

  @Post("notify/:userId")
  async notifyUser(@Param("userId") userId: string, @Body() notification: unknown) {
    await this.channels.get<UserEvents>(`express:${userId}`).publish({ data: notification });
    return { ok: true };
  }

  @Sse("analytics")
  analytics() {
    const stream = new SseStream();
    const timer = setInterval(() => {
      stream.sendData({
        activeUsers: Math.floor(Math.random() * 1000),
        requests: Math.floor(Math.random() * 10_000),
        uptime: process.uptime(),
      });
    }, 1000);
    stream.onClose(() => clearInterval(timer));
    return stream;
  }
}
