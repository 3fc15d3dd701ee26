import { Server as HttpServer } from "node:http";
import type { Http2Stream, ServerHttp2Session } from "node:http2";
import { Server as HttpsServer } from "node:https";
import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";

type Server = FastifyInstance["server"];

/** How often a session that is to end is looked at, in milliseconds. */
const LOOK = 250;

/**
 * The HTTP/2 sessions of a server: `server.close()` waits for them, and they wait for their clients.
 * A server of HTTP/1 has none.
 */
export class Http2Sessions {
  readonly #sessions = new Set<Ending>();
  #closing = false;

  constructor(server: Server) {
    if (isHttp1(server)) return;
    let latest: WeakRef<Socket>;
    // Both come before the session that begins on the socket, and in the same turn.
    const onSocket = (socket: Socket): void => void (latest = new WeakRef(socket));
    server.prependListener("connection", onSocket);
    server.prependListener("secureConnection", onSocket);
    server.on("session", (session: ServerHttp2Session) => {
      const ending = new Ending(session, latest.deref());
      this.#sessions.add(ending);
      session.once("close", () => this.#sessions.delete(ending));
      if (this.#closing) ending.begin();
    });
  }

  /** Closes each session, now or when it begins, as soon as its last stream has ended (RFC 9113 section 6.8). */
  close(): void {
    this.#closing = true;
    for (const ending of this.#sessions) ending.begin();
  }

  /** Cuts off what has not ended by itself. */
  destroy(): void {
    for (const ending of this.#sessions) ending.destroy();
  }
}

function isHttp1(server: object): boolean {
  return server instanceof HttpServer || server instanceof HttpsServer;
}

/**
 * The end of one session, from the goodbye of either side. Two things would keep it for ever: a client
 * that never closes its end of the socket, and on Node 20 a stream whose client left while a write
 * waits for it, for that never emits `close`. A while after all streams have ended it is cut off.
 */
class Ending {
  readonly #session: ServerHttp2Session;
  readonly #socket: Socket | undefined;
  readonly #streams = new Set<Http2Stream>();
  #timer: NodeJS.Timeout | undefined;
  #over = false;

  constructor(session: ServerHttp2Session, socket: Socket | undefined) {
    this.#session = session;
    this.#socket = socket;
    session.on("stream", (stream) => {
      this.#streams.add(stream);
      stream.once("close", () => this.#streams.delete(stream));
    });
    session.once("goaway", () => this.begin());
    session.once("close", () => clearInterval(this.#timer));
  }

  begin(): void {
    this.#session.close();
    this.#timer ??= setInterval(() => this.#look(), LOOK).unref();
  }

  #look(): void {
    const session = this.#session;
    const over = session.destroyed || [...this.#streams].every(({ closed }) => closed);
    if (this.#over && over) this.destroy();
    this.#over = over;
  }

  destroy(): void {
    this.#session.destroy();
    this.#socket?.destroy();
  }
}
