import type { FastifyInstance, FastifyReply } from "fastify";
import { Neighbours } from "./nodes/neighbours.js";

interface Connection {
  readonly response: FastifyReply["raw"];
  /** When its request came, by this process's clock, in milliseconds. */
  readonly opened: number;
}

/** How many openings that other nodes have told are remembered. */
const MOST_REMEMBERED = 1000;

/**
 * Lets the page find its own connections again: those whose request has `?handle=`.
 *
 * `X-Opened` and `GET /connections/:handle` tell when the newest was opened, by the clock that also
 * dates what is published: what is older than that was replayed. `POST /connections/:handle/cut`
 * destroys their sockets, as a failing network would. Any node may be asked, wherever they are.
 */
export function addConnections(app: FastifyInstance, neighbours = new Neighbours()): void {
  const open = new Map<string, Set<Connection>>();
  const elsewhere = new Map<string, number>();
  const openings = neighbours.share<{ handle: string; opened: number }>(
    "openings",
    ({ handle, opened }, from) => {
      if (from === neighbours.id) return;
      elsewhere.set(handle, opened);
      const [oldest] = elsewhere.keys();
      if (elsewhere.size > MOST_REMEMBERED && oldest !== undefined) elsewhere.delete(oldest);
    },
  );
  const cut = (handle: string): number => {
    const connections = [...(open.get(handle) ?? [])];
    for (const { response } of connections) response.destroy();
    return connections.length;
  };
  const cuts = neighbours.share<string>("cuts", cut);

  app.addHook<{ Querystring: { handle?: unknown } }>("onRequest", (request, reply, done) => {
    const { handle } = request.query;
    if (typeof handle === "string" && handle !== "") {
      const connection = { response: reply.raw, opened: Date.now() };
      const connections = open.get(handle) ?? new Set();
      open.set(handle, connections.add(connection));
      reply.header("x-opened", connection.opened);
      openings.tell({ handle, opened: connection.opened }).catch(() => {
        // Redis is away: the other nodes can't tell then.
      });
      reply.raw.once("close", () => {
        connections.delete(connection);
        if (connections.size === 0) open.delete(handle);
      });
    }
    done();
  });

  app.get<{ Params: { handle: string } }>("/connections/:handle", async (request, reply) => {
    const { handle } = request.params;
    let opened = [...(open.get(handle) ?? [])].at(-1)?.opened;
    if (opened === undefined) {
      await openings.caughtUp();
      opened = elsewhere.get(handle);
    }
    if (opened === undefined) {
      return reply.code(404).send({ message: "No connection with this handle is open." });
    }
    return { opened };
  });

  app.post<{ Params: { handle: string } }>("/connections/:handle/cut", async (request) => {
    const { handle } = request.params;
    const here = cut(handle);
    if (here === 0) await cuts.tell(handle);
    return { cut: here };
  });
}
