import { Body, Controller, Param, Post, Sse, SseStream } from "@sluice/core";
import { Feeds } from "../examples/feeds.js";

type Events = {
  "user-online": { clientId: number };
  "user-count": { count: number };
  notification: { title: string; message: string };
};

type UserEvents = { message: unknown };

/** The Express guide's larger server: presence, a map of users, analytics. */
@Controller("express")
export class ExpressController {
  #eventId = 0;

  constructor(private readonly feeds: Feeds) {}

  /** The heartbeat of thirty seconds is an option. */
  @Sse("events", { keepAlive: "30s" })
  events() {
    const stream = this.feeds.join<Events>("express");
    stream.send({ id: this.#nextId(), event: "user-online", data: { clientId: Date.now() } });
    const count = this.feeds.count("express");
    stream.send({ id: this.#nextId(), event: "user-count", data: { count } });
    return stream;
  }

  @Post("notify")
  notify(@Body("title") title: string, @Body("message") message: string) {
    const data = { title, message };
    this.feeds.publish<Events>("express", { id: this.#nextId(), event: "notification", data });
    return { ok: true };
  }

  @Sse("events/:userId")
  eventsOfUser(@Param("userId") userId: string) {
    const stream = this.feeds.join<UserEvents>(`express:${userId}`);
    stream.sendData("Connected");
    return stream;
  }

  @Post("notify/:userId")
  notifyUser(@Param("userId") userId: string, @Body() notification: unknown) {
    this.feeds.publish<UserEvents>(`express:${userId}`, { data: notification });
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

  #nextId(): string {
    return String(++this.#eventId);
  }
}
