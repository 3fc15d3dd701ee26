import type { FastifyReply } from "fastify";

const CHANGES = ["header", "headers", "removeHeader", "code", "status", "type"] as const;

/** What warns, by the prototype that it stands before: an application's replies share theirs. */
const warners = new WeakMap<object, object>();

/** Makes a reply warn when someone changes its head when that is out, which has no effect any more. */
export function warnOfLateHeaders(reply: FastifyReply): void {
  const prototype = Object.getPrototypeOf(reply) as object;
  let warner = warners.get(prototype);
  if (warner === undefined) {
    const changes = CHANGES.map((name) => [name, { value: warning(name, prototype) }]);
    warner = Object.create(
      prototype,
      Object.fromEntries(changes) as PropertyDescriptorMap,
    ) as object;
    warners.set(prototype, warner);
  }
  // Properties of the reply's own would take more memory than the reply.
  Object.setPrototypeOf(reply, warner);
}

function warning(name: (typeof CHANGES)[number], prototype: object) {
  return function (this: FastifyReply, ...args: unknown[]): unknown {
    // A hook that reads the stream, to encode it, may run before the hooks that set headers.
    if (!this.raw.headersSent) {
      const { [name]: change } = prototype as Record<string, (...args: unknown[]) => unknown>;
      return Reflect.apply(change!, this, args);
    }
    this.log.warn(`reply.${name}() has no effect: the head of the event stream is out`);
    return this;
  };
}
