import type { FastifyReply } from "fastify";

const CHANGES = ["header", "headers", "removeHeader", "code", "status", "type"] as const;

/** Makes a reply whose head is out warn when someone changes its head, which has no effect any more. */
export function warnOfLateHeaders(reply: FastifyReply): void {
  for (const name of CHANGES) {
    Object.defineProperty(reply, name, {
      value(this: FastifyReply) {
        this.log.warn(`reply.${name}() has no effect: the head of the event stream is out`);
        return this;
      },
    });
  }
}
