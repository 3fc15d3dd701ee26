import "reflect-metadata";
import { setTimeout as delay } from "node:timers/promises";
import type { AddressInfo } from "node:net";
import {
  Body,
  type Broker,
  type Channel,
  Channels,
  Connections,
  Controller,
  HttpError,
  LastEventId,
  MemoryBroker,
  Param,
  Signal,
  Sse,
  type SseEvents,
} from "@sluice/core";
import { sluice } from "@sluice/fastify";
import Fastify, { type FastifyRequest } from "fastify";

/** The events of a room. */
export type RoomEvents = { said: { n: number }; left: { who: string } };

/** A server of rooms, and of what else the hook meets. */
export interface RoomServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** The requests so far. */
  readonly requests: readonly Pick<FastifyRequest, "method" | "url" | "headers" | "body">[];
  readonly connections: Connections;
  room(name: string): Channel<RoomEvents>;
  /** Says the numbers from one on, in one turn. */
  say(name: string, from: number, count?: number): Promise<void>;
}

export interface RoomServerOptions {
  /** Belongs to the server, which closes it. */
  readonly broker?: Broker;
  /** How many events a room keeps. @defaultValue 10,000 */
  readonly count?: number;
  readonly port?: number;
}

export async function startRoomServer({
  broker = new MemoryBroker(),
  count = 10_000,
  port = 0,
}: RoomServerOptions = {}): Promise<RoomServer> {
  let channels!: Channels;
  let connections!: Connections;

  @Controller("")
  class RoomsController {
    constructor(all: Channels, open: Connections) {
      channels = all;
      connections = open;
    }

    /** What is said in a room. */
    @Sse("rooms/:name")
    join(@Param("name") name: string) {
      return channels.get<RoomEvents>(name);
    }

    /** From one on, to the end; with ids. */
    @Sse("count/:to")
    async *count(
      @Param("to") to: number,
      @LastEventId() last: number = 0,
    ): SseEvents<{ n: number }> {
      for (let n = last + 1; n <= to; n++) yield { event: "n", id: String(n), data: n };
    }

    /** From one on, and then open; without ids. */
    @Sse("open/:to")
    async *open(@Param("to") to: number, @Signal() signal: AbortSignal): SseEvents<{ n: number }> {
      for (let n = 1; n <= to; n++) yield { event: "n", data: n };
      await delay(2 ** 30, undefined, { signal });
    }

    /** An answer in words. */
    @Sse("answer", { method: "POST" })
    async *answer(@Body() body: { question: string }): SseEvents<{ token: string }> {
      for (const word of body.question.split(" ")) yield { event: "token", data: word };
    }

    @Sse("refused")
    refused(): SseEvents<{ n: number }> {
      throw new HttpError(403, "Not for you.");
    }
  }

  const app = Fastify({ forceCloseConnections: true, logger: { level: "silent" } });
  const requests: FastifyRequest[] = [];
  app.addHook("preHandler", async (request) => void requests.push(request));
  await app.register(sluice, {
    controllers: [RoomsController],
    channels: { broker, history: { count } },
    logStreams: false,
    retry: 50,
    drainWindow: 200,
  });
  await app.listen({ host: "127.0.0.1", port });
  const { port: taken } = app.server.address() as AddressInfo;

  const room = (name: string): Channel<RoomEvents> => channels.get<RoomEvents>(name);
  return {
    url: `http://127.0.0.1:${taken}`,
    port: taken,
    requests,
    connections,
    room,
    async say(name, from, count = 1) {
      const numbers = Array.from({ length: count }, (_, i) => from + i);
      await Promise.all(numbers.map((n) => room(name).publish({ event: "said", data: { n } })));
    },
    [Symbol.asyncDispose]: () => app.close(),
  };
}
