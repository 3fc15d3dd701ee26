import "reflect-metadata";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import {
  Body,
  Channels,
  Controller,
  Headers,
  HttpError,
  LastEventId,
  Post,
  Signal,
  Sse,
} from "@sluice/core";
import { sluice } from "@sluice/fastify";
import Fastify from "fastify";
import { onTestFinished } from "vitest";

/** Streams of every kind, as an application of Sluice has them. */
@Controller()
class Streams {
  constructor(private readonly channels: Channels) {}

  @Sse("three")
  *three(@LastEventId() last: number = 0) {
    const all = [
      { event: "tick", id: "1", data: { n: 1, at: "2020-01-01T00:00:00Z" } },
      { id: "2", data: "two\nlines" },
      { event: "tock", id: "3", data: [3] },
    ];
    yield* all.slice(last);
  }

  @Sse("endless")
  async *endless(@Signal() signal: AbortSignal) {
    for (let n = 1; ; n++) {
      yield { event: "tick", id: String(n), data: { n, text: "x".repeat(200) } };
      await sleep(10, undefined, { signal });
    }
  }

  @Sse("news")
  news() {
    return this.channels.get<{ headline: string }>("news");
  }

  @Post("news")
  publish(@Body() text: string) {
    return this.channels
      .get<{ headline: string }>("news")
      .publish({ event: "headline", data: text });
  }

  @Sse("failing")
  *failing() {
    yield { event: "tick", id: "1", data: 1 };
    throw new HttpError(409, "over");
  }

  @Sse("echo", { method: "POST" })
  *echo(@Body() body: unknown, @Headers("content-type") type: string) {
    yield { event: "echo", data: { body, type } };
  }

  @Sse("headers")
  *headers(@Headers("authorization") authorization?: string, @Headers("x-a") a?: string) {
    yield { data: { authorization, a } };
  }

  @Sse("secret")
  secret(@Headers("authorization") authorization: string): string[] {
    throw new HttpError(401, `not with ${authorization}`);
  }
}

export interface Server {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** A Sluice server on a socket. It is closed when the test is over. */
export async function startServer(port = 0): Promise<Server> {
  const app = Fastify();
  await app.register(sluice, { controllers: [Streams], retry: 100, drainWindow: "300ms" });
  await app.listen({ host: "127.0.0.1", port });
  const close = (): Promise<void> => app.close();
  onTestFinished(close);
  const { port: bound } = app.server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${bound}`, port: bound, close };
}

/** What a server that is no Sluice does. It is closed when the test is over. */
export async function startRaw(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer(handle).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Begins a stream of events. */
export function begin(response: ServerResponse, text: string): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(text);
}
