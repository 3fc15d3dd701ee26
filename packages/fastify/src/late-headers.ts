import type { FastifyReply } from "fastify";

const CHANGES = ["header", "headers", "removeHeader", "code", "status", "type"] as const;

/** Shared by all replies. */
const WARNING: PropertyDescriptorMap = Object.fromEntries(
  CHANGES.map((name) => [name, { value: warning(name) }]),
);

/** Makes a reply warn when someone changes its head when that is out, which has no effect any more. */
export function warnOfLateHeaders(reply: FastifyReply): void {
  Object.defineProperties(reply, WARNING);
}

function warning(name: (typeof CHANGES)[number]) {
  return function (this: FastifyReply, ...args: unknown[]): unknown {
    // A hook that reads the stream, to encode it, may run before the hooks that set headers.
    if (!this.raw.headersSent) {
      const { [name]: change } = Object.getPrototypeOf(this) as Record<
        string,
        (...args: unknown[]) => unknown
      >;
      return Reflect.apply(change!, this, args);
    }
    this.log.warn(`reply.${name}() has no effect: the head of the event stream is out`);
    return this;
  };
}
