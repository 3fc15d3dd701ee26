import { Buffer } from "node:buffer";
import { once } from "node:events";
import type { Socket } from "node:net";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { Sources, TickEvent } from "./sources.js";

const HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
};

const GATHER_LIMIT = 16_384;

const frame = ({ event, data }: TickEvent): string =>
  `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

/**
 * What Sluice is compared with: the same server and the same workloads, with as little as the public
 * interfaces of Fastify and Node allow. What that costs is not Sluice's to save.
 */
export class LimitSide {
  readonly #sources: Sources;
  readonly #fan = new Set<Socket>();
  readonly #others = new Set<Socket>();
  #gathered = "";

  constructor(app: FastifyInstance, sources: Sources) {
    this.#sources = sources;
    app.get("/limit/fan", (_, reply) => void this.#open(reply, this.#fan));
    app.get<{ Params: { burst: string } }>("/limit/paced/:burst", ({ params }, reply) => {
      void this.#pump(sources.paced(Number(params.burst)), this.#open(reply));
    });
    app.get("/limit/first", (_, reply) => void this.#first(reply));
  }

  /** Sends an event to everyone; those of a turn are joined. */
  publish(event: TickEvent): void {
    if (this.#gathered === "") setImmediate(this.#flush);
    this.#gathered += frame(event);
  }

  readonly #flush = (): void => {
    const bytes = Buffer.from(chunk(this.#gathered), "latin1");
    this.#gathered = "";
    for (const socket of this.#fan) socket.write(bytes);
  };

  /** Sends the head, with a first text in the same packet. */
  #open(reply: FastifyReply, members = this.#others, text = ""): Socket {
    const response = reply.raw;
    const socket = response.socket!;
    socket.cork();
    response.writeHead(200, HEADERS);
    reply.hijack();
    response.flushHeaders();
    if (text !== "") socket.write(chunk(text), "latin1");
    socket.uncork();
    members.add(socket);
    response.once("close", () => members.delete(socket));
    return socket;
  }

  async #first(reply: FastifyReply): Promise<void> {
    const events = this.#sources.first();
    const { value } = await events.next();
    await this.#pump(events, this.#open(reply, this.#others, frame(value as TickEvent)));
  }

  /** Gathers what a generator yields until the turn is over, or until there is a good deal of it. */
  async #pump(events: AsyncGenerator<TickEvent>, socket: Socket): Promise<void> {
    let gathered = "";
    const flush = (): void => {
      if (gathered === "") return;
      const text = chunk(gathered);
      gathered = "";
      socket.write(text, "latin1");
    };
    for await (const event of events) {
      if (socket.destroyed) return;
      if (gathered === "") setImmediate(flush);
      gathered += frame(event);
      if (gathered.length < GATHER_LIMIT) continue;
      flush();
      if (socket.writableNeedDrain) await once(socket, "drain");
    }
  }
}
