import "reflect-metadata";
import {
  Channels,
  Controller,
  LastEventId,
  mapEvents,
  Signal,
  Sse,
  UseInterceptors,
} from "@sluice/core";
import type { FastifyInstance } from "fastify";
import type { SluiceOptions } from "../src/index.js";
import { makeApp, serve } from "./app.js";

export type Ticks = { tick: { n: number } };

/** Streams of the channels "a" and "b", in every way that a handler can give them. */
@Controller("channels")
class ChannelsController {
  constructor(readonly channels: Channels) {}

  @Sse("a")
  a() {
    return this.channels.get<Ticks>("a");
  }

  @Sse("merged")
  merged() {
    return this.channels.merge(this.channels.get<Ticks>("a"), this.channels.get<Ticks>("b"));
  }

  @Sse("generated")
  async *generated(@Signal() signal: AbortSignal, @LastEventId() lastEventId?: string) {
    yield* this.channels.get<Ticks>("a").subscribe({ lastEventId, signal });
  }

  @Sse("mapped")
  @UseInterceptors(async (_ctx, next) =>
    mapEvents(await next(), (event) => ({ ...event, event: "mapped" })),
  )
  mapped() {
    return this.channels.get<Ticks>("a");
  }

  @Sse("snapshot")
  snapshot() {
    return this.channels.get<Ticks>("a", {
      snapshot: () => ({ event: "tick", data: { n: 0 } }),
    });
  }

  @Sse("kept-alive", { keepAlive: 100 })
  keptAlive() {
    return this.channels.get<Ticks>("a");
  }

  @Sse("latest")
  latest() {
    return this.channels.get<Ticks>("a").subscribe({ overflow: "latest" });
  }
}

/** An application with these streams, and its channels. */
export async function serveChannels(
  options: Omit<SluiceOptions, "controllers"> = {},
  app: FastifyInstance = makeApp(),
): Promise<{ readonly app: FastifyInstance; readonly channels: Channels }> {
  const channels = new Channels(options.channels);
  const { channels: _used, providers = [], ...rest } = options;
  await serve(
    ChannelsController,
    { ...rest, providers: [...providers, { provide: Channels, useValue: channels }] },
    app,
  );
  return { app, channels };
}
