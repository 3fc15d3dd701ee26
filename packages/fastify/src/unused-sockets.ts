import { Server as HttpServer, type IncomingMessage } from "node:http";
import { Server as HttpsServer } from "node:https";
import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";

/**
 * Sockets on which no request has come yet. Node takes one for busy until its timeout for headers is
 * over, so that `server.close()` would wait a minute for a client that only opened a spare connection.
 * A server of HTTP/2 has none: a session begins with its socket.
 */
export class UnusedSockets {
  readonly #sockets = new Set<Socket>();
  #closing = false;

  constructor(server: FastifyInstance["server"]) {
    const isHttps = (server as object) instanceof HttpsServer;
    if (!isHttps && !((server as object) instanceof HttpServer)) return;
    const arrival = isHttps ? "secureConnection" : "connection";
    const sockets = this.#sockets;
    // One function for all, and gone with the first request: an open stream pays nothing.
    function forget(this: Socket): void {
      sockets.delete(this);
    }
    server.on(arrival, (socket: Socket) => {
      if (this.#closing) {
        socket.destroy();
        return;
      }
      sockets.add(socket);
      socket.on("close", forget);
    });
    server.on("request", ({ socket }: IncomingMessage) => {
      if (sockets.delete(socket)) socket.off("close", forget);
    });
  }

  /** Destroys those that there are, and those that still come. */
  close(): void {
    this.#closing = true;
    for (const socket of this.#sockets) socket.destroy();
  }
}
