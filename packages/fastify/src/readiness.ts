import type { FastifyInstance } from "fastify";
import type { Registry } from "./registry.js";

/** Adds a route by which a load balancer learns whether this server takes streams. */
export function addReadiness(app: FastifyInstance, path: string, registry: Registry): void {
  app.get(path, { logLevel: "warn" }, async (_request, reply) => {
    reply.header("cache-control", "no-store");
    if (!registry.isDraining) return { status: "ready" };
    reply.code(503);
    return { status: "closing" };
  });
}
