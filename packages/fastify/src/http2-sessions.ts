import type { Http2Session } from "node:http2";
import type { FastifyInstance } from "fastify";

/** The HTTP/2 sessions of a server: `server.close()` waits for them, and nobody else closes them. */
export class Http2Sessions {
  readonly #sessions = new Set<Http2Session>();

  constructor(server: FastifyInstance["server"]) {
    server.on("session", (session: Http2Session) => {
      this.#sessions.add(session);
      session.once("close", () => this.#sessions.delete(session));
    });
  }

  /** Closes each session as soon as its last stream has ended (GOAWAY, RFC 9113 section 6.8). */
  close(): void {
    for (const session of this.#sessions) session.close();
  }
}
