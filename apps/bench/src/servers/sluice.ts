// Sluice as its README says to use it, with no option that makes it faster.
import "reflect-metadata";
import type { AddressInfo } from "node:net";
import {
  type Channel,
  Channels,
  Controller,
  Param,
  Query,
  Sse,
  type SseEvents,
  SseStream,
} from "@sluice/core";
import { sluice } from "@sluice/fastify";
import Fastify from "fastify";
import { control } from "../kit/control.js";
import { type Tick, tick } from "../kit/tick.js";

type Ticks = { tick: Tick };

const shape = (data: Tick) => ({ event: "tick", data }) as const;

const channels = new Channels();
const fan = channels.get<Ticks>("fan");
const replayed = channels.get<Ticks>("replay", {
  history: { count: 20_000, bytes: 16_777_216 },
});

const kit = control({
  publish(data, channel, of) {
    const target = of === 1 ? fan : channels.get<Ticks>(`fan:${channel}`);
    void target.publish({ event: "tick", data });
  },
  fill: (data) => replayed.publish({ event: "tick", data }),
});

@Controller()
class BenchController {
  constructor(private readonly channels: Channels) {}

  @Sse("fan")
  fan(): Channel<Ticks> {
    return fan;
  }

  @Sse("fan/:channel")
  oneOfMany(@Param("channel") channel: number): Channel<Ticks> {
    return this.channels.get<Ticks>(`fan:${channel}`);
  }

  @Sse("idle")
  idle(): Channel<Ticks> {
    return this.channels.get<Ticks>("idle");
  }

  @Sse("replay")
  replay(): Channel<Ticks> {
    return replayed;
  }

  @Sse("one")
  one(@Query("events") events: number, @Query("gap") gap?: number): SseEvents<Ticks> {
    return kit.generators.one(events, gap, shape);
  }

  @Sse("open")
  open(): SseStream<Ticks> {
    const stream = new SseStream<Ticks>();
    stream.send({ event: "tick", data: tick(1) });
    return stream;
  }

  @Sse("endless")
  endless(@Query("pad") pad: number): SseEvents<Ticks> {
    return kit.generators.endless(pad, shape);
  }
}

const app = Fastify();
await app.register(sluice, {
  controllers: [BenchController],
  providers: [{ provide: Channels, useValue: channels }],
});
await app.listen({ port: 0, host: "127.0.0.1" });
await kit.ready((app.server.address() as AddressInfo).port);
