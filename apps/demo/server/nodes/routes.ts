import type { FastifyInstance } from "fastify";
import { Neighbours } from "./neighbours.js";

/** How long the answer to a kill may take to get out, in milliseconds. */
const LAST_WORDS = 50;

/**
 * What the page asks about nodes, where there are several: `GET /nodes` tells which live, and each answer says in
 * `X-Node` which one gives it.
 *
 * @param mayBeKilled - adds `POST /nodes/:name/kill`, which ends a node as kill -9 does
 */
export function addNodes(app: FastifyInstance, neighbours: Neighbours, mayBeKilled: boolean): void {
  const { name: own } = neighbours;
  if (own !== undefined) {
    app.addHook("onRequest", (_request, reply, done) => {
      reply.header("x-node", own);
      done();
    });
  }

  app.get("/nodes", () => ({ nodes: neighbours.living, mayBeKilled }));

  if (!mayBeKilled) return;
  const kills = neighbours.share<string>("kills", (name) => {
    if (name === own) setTimeout(() => process.kill(process.pid, "SIGKILL"), LAST_WORDS);
  });
  app.post<{ Params: { name: string } }>("/nodes/:name/kill", async (request, reply) => {
    // Another page's form must not do this. Browsers say whose a request is.
    const site = request.headers["sec-fetch-site"];
    if (site !== undefined && site !== "same-origin") {
      return reply.code(403).send({ message: "Only this server's own page may kill a node." });
    }
    const { name } = request.params;
    if (!neighbours.living.some((node) => node.name === name)) {
      return reply.code(404).send({ message: "No node of this name lives." });
    }
    await kills.tell(name);
    return { killed: name };
  });
}
