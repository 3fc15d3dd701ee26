import type { FastifyContextConfig, FastifyReply, FastifyRequest, FastifySchema } from "fastify";

// In guards, interceptors, parameters and routes these are Fastify's from here on.
declare module "@sluice/core" {
  interface AdapterTypes {
    request: FastifyRequest;
    reply: FastifyReply;
    schema: FastifySchema;
    config: FastifyContextConfig;
  }
}
