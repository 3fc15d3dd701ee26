import type { FastifyInstance, FastifyReply } from "fastify";

/**
 * Lets the page cut its own connections, as a failing network would: a request with `?handle=` can
 * be found again, and `POST /connections/:handle/cut` destroys the sockets of its responses.
 */
export function addCuts(app: FastifyInstance): void {
  const open = new Map<string, Set<FastifyReply["raw"]>>();

  app.addHook<{ Querystring: { handle?: unknown } }>("onRequest", (request, reply, done) => {
    const { handle } = request.query;
    if (typeof handle === "string" && handle !== "") {
      const responses = open.get(handle) ?? new Set();
      open.set(handle, responses.add(reply.raw));
      reply.raw.once("close", () => {
        responses.delete(reply.raw);
        if (responses.size === 0) open.delete(handle);
      });
    }
    done();
  });

  app.post<{ Params: { handle: string } }>("/connections/:handle/cut", (request) => {
    const responses = [...(open.get(request.params.handle) ?? [])];
    for (const response of responses) response.destroy();
    return { cut: responses.length };
  });
}
