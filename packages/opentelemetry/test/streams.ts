import "reflect-metadata";
import { Channels, Controller, Signal, Sse, SseStream } from "@sluice/core";
import { sluice, type SluiceOptions } from "@sluice/fastify";
import Fastify, { type FastifyInstance, type FastifyServerOptions } from "fastify";
import { onTestFinished } from "vitest";

/** More than the buffers of a socket hold. */
export const FLOOD = { events: 1_000, data: "x".repeat(16_384) } as const;

/** One handler for each thing that can be told of a stream. */
@Controller("streams")
export class Streams {
  constructor(readonly channels: Channels) {}

  @Sse("count")
  async *count() {
    yield { event: "tick", data: 1 };
    yield { event: "tick", data: 2 };
  }

  @Sse("open")
  open() {
    return new SseStream();
  }

  @Sse("fails")
  async *fails() {
    yield 1;
    throw new Error("No more.");
  }

  @Sse("single", { maxConnections: 1 })
  single() {
    return new SseStream();
  }

  @Sse("drops")
  drops() {
    const stream = new SseStream({ overflow: "drop-oldest", maxBufferedBytes: 20 });
    for (let n = 0; n < 5; n++) stream.send(n);
    return stream;
  }

  /** Sends more at once than a socket takes. */
  @Sse("drops-often")
  dropsOften() {
    const stream = new SseStream({ overflow: "drop-oldest", maxBufferedBytes: 20_000 });
    setImmediate(() => {
      for (let n = 0; n < FLOOD.events; n++) stream.send(FLOOD.data);
      stream.close();
    });
    return stream;
  }

  @Sse("channel")
  channel() {
    return this.channels.get<{ tick: number }>("ticks");
  }

  @Sse("flood")
  async *flood() {
    for (let n = 0; n < FLOOD.events; n++) yield FLOOD.data;
  }

  @Sse("deaf")
  async *deaf(@Signal() _signal: AbortSignal) {
    yield 1;
    await new Promise(() => {});
  }
}

export interface Served {
  readonly app: FastifyInstance;
  readonly channels: Channels;
}

/** These streams in an application of their own, which closes when the test is over. */
export async function serve(
  options: Omit<SluiceOptions, "controllers" | "channels"> = {},
  server: FastifyServerOptions = {},
): Promise<Served> {
  const app: FastifyInstance = Fastify({ ...server, logger: { level: "silent" } });
  onTestFinished(() => app.close());
  const channels = new Channels();
  const providers = [{ provide: Channels, useValue: channels }];
  await app.register(sluice, { controllers: [Streams], providers, ...options });
  return { app, channels };
}
