import { Body, Controller, Post, Sse } from "@sluice/core";
import { Feeds } from "../examples/feeds.js";

type Events = { message: string };

/** The Express guide's basic server: a greeting, and a broadcast of plain text. */
@Controller("express-basic")
export class ExpressBasicController {
  constructor(private readonly feeds: Feeds) {}

  @Sse("events")
  events() {
    const stream = this.feeds.join<Events>("express-basic");
    stream.sendData("Connected to server");
    return stream;
  }

  @Post("broadcast")
  broadcast(@Body("message") message: string) {
    return { sent: this.feeds.publish<Events>("express-basic", { data: message }) };
  }
}
