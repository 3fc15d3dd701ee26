import type { FastifyInstance, FastifyReply } from "fastify";

interface Connection {
  readonly response: FastifyReply["raw"];
  /** When its request came, by this process's clock, in milliseconds. */
  readonly opened: number;
}

/**
 * Lets the page find its own connections again: those whose request has `?handle=`.
 *
 * `GET /connections/:handle` tells when the newest was opened, by the clock that also dates what is
 * published: what is older than that was replayed. `POST /connections/:handle/cut` destroys their
 * sockets, as a failing network would.
 */
export function addConnections(app: FastifyInstance): void {
  const open = new Map<string, Set<Connection>>();

  app.addHook<{ Querystring: { handle?: unknown } }>("onRequest", (request, reply, done) => {
    const { handle } = request.query;
    if (typeof handle === "string" && handle !== "") {
      const connection = { response: reply.raw, opened: Date.now() };
      const connections = open.get(handle) ?? new Set();
      open.set(handle, connections.add(connection));
      reply.raw.once("close", () => {
        connections.delete(connection);
        if (connections.size === 0) open.delete(handle);
      });
    }
    done();
  });

  app.get<{ Params: { handle: string } }>("/connections/:handle", (request, reply) => {
    const newest = [...(open.get(request.params.handle) ?? [])].at(-1);
    if (newest === undefined) {
      return reply.code(404).send({ message: "No connection with this handle is open." });
    }
    return { opened: newest.opened };
  });

  app.post<{ Params: { handle: string } }>("/connections/:handle/cut", (request) => {
    const connections = [...(open.get(request.params.handle) ?? [])];
    for (const { response } of connections) response.destroy();
    return { cut: connections.length };
  });
}
