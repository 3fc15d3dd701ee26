import "reflect-metadata";
import {
  Channels,
  Connections,
  Controller,
  type Context,
  type Nodes,
  Sse,
  SseStream,
  UseGuards,
} from "@sluice/core";
import { sluice } from "@sluice/fastify";
import Fastify, { type FastifyInstance } from "fastify";

/** A token is a name and, behind a dot, when it was issued, in milliseconds. */
function isSignedIn(ctx: Context): boolean {
  const [user, issuedAt] = String(ctx.headers.authorization).split(".");
  ctx.connection.tag("user", user!);
  if (issuedAt !== undefined) ctx.connection.issuedAt = new Date(Number(issuedAt));
  return true;
}

@Controller()
@UseGuards(isSignedIn)
class StreamingController {
  constructor(private readonly channels: Channels) {}

  @Sse("open")
  open() {
    return new SseStream();
  }

  @Sse("news")
  news() {
    return this.channels.get("news");
  }
}

/** One node of an application. */
export interface StreamingApp extends AsyncDisposable {
  readonly app: FastifyInstance;
  readonly connections: Connections;
  readonly channels: Channels;
}

/** Makes a node that streams to whoever has a name. */
export async function streamingApp(nodes: Nodes): Promise<StreamingApp> {
  const [connections, channels] = [new Connections(), new Channels()];
  const app = Fastify({ forceCloseConnections: true });
  await app.register(sluice, {
    controllers: [StreamingController],
    nodes,
    drainWindow: 0,
    providers: [
      { provide: Connections, useValue: connections },
      { provide: Channels, useValue: channels },
    ],
  });
  return {
    app,
    connections,
    channels,
    async [Symbol.asyncDispose]() {
      await channels.dispose();
      await app.close();
    },
  };
}
