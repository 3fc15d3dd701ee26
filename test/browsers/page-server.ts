import "reflect-metadata";
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { sluice, type SluiceOptions } from "@sluice/fastify";
import Fastify from "fastify";

/** A request for a stream, as it came. */
export interface StreamRequest {
  /** With its query. */
  readonly url: string;
  /** The header `Last-Event-ID`, read as UTF-8. */
  readonly lastEventId: string | undefined;
  /** When it came, as `performance.now()` says it. */
  readonly at: number;
  /** Of the answer; undefined while it has none, and where the connection was cut before. */
  status: number | undefined;
  /** When the answer had ended, or its connection; undefined while it goes on. */
  endedAt: number | undefined;
}

/** A server of streams, and of an empty page at `/` that is of one origin with them. */
export interface PageServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** The requests for streams so far. */
  readonly requests: readonly StreamRequest[];
  /**
   * Cuts all connections, as a network does that fails.
   *
   * @param how - whether the other side is sent a FIN or an RST
   */
  cut(how: "end" | "reset"): void;
  /** Is gone from one moment to the next: connections are reset, and further ones refused. */
  crash(): Promise<void>;
  /** Shuts down as a server does that is asked to. */
  close(): Promise<void>;
}

/** @param port - that of a server which is gone; left out for any */
export async function startPageServer(options: SluiceOptions, port = 0): Promise<PageServer> {
  const app = Fastify({ forceCloseConnections: true, logger: { level: "silent" } });
  const requests: StreamRequest[] = [];
  const sockets = new Set<Socket>();
  app.server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  app.server.prependListener("request", ({ url = "", headers }, response) => {
    if (url === "/" || url === "/favicon.ico") return;
    const { "last-event-id": id } = headers;
    const request: StreamRequest = {
      url,
      // Node reads headers as latin1.
      lastEventId: typeof id === "string" ? Buffer.from(id, "latin1").toString() : undefined,
      at: performance.now(),
      status: undefined,
      endedAt: undefined,
    };
    requests.push(request);
    response.once("close", () => {
      if (response.headersSent) request.status = response.statusCode;
      request.endedAt = performance.now();
    });
  });
  app.get("/", (_request, reply) =>
    reply.type("text/html").send("<!doctype html><title>streams</title>"),
  );
  await app.register(sluice, { logStreams: false, ...options });
  await app.listen({ host: "127.0.0.1", port });
  const { port: taken } = app.server.address() as AddressInfo;

  const cut = (how: "end" | "reset"): void => {
    for (const socket of sockets) {
      if (how === "reset") socket.resetAndDestroy();
      else socket.destroy();
    }
  };
  return {
    url: `http://127.0.0.1:${taken}`,
    port: taken,
    requests,
    cut,
    async crash() {
      const closed = once(app.server, "close");
      app.server.close();
      cut("reset");
      await closed;
      await app.close();
    },
    close: () => app.close(),
    async [Symbol.asyncDispose]() {
      cut("end");
      await app.close();
    },
  };
}
