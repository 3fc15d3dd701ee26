import type { VerbRoute } from "@sluice/core";
import type { FastifyReply, FastifyRequest } from "fastify";
import { concealed } from "./concealed-error.js";
import { watchDeparture } from "./departure.js";
import { readResumePoint } from "./last-event-id.js";
import { LazySignal } from "./lazy-signal.js";
import { RequestContext } from "./request-context.js";

/** The way of an ordinary request: the same guards and parameters, and one answer. */
export async function handleCall(
  route: VerbRoute,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const resume = readResumePoint(request.headers, undefined);
  const context = new RequestContext(request, reply, route, new DepartureSignal(reply), resume);
  const invocation = route.invocation(context);
  try {
    await invocation.authorize(context);
    const args = await invocation.arguments(context);
    const isAnswered = noteSend(reply);
    const value = await invocation.call(context, args);
    return isAnswered() ? reply : answer(value, route.statusCode, reply);
  } catch (error) {
    throw concealed(error, reply, route.name);
  } finally {
    await invocation.dispose();
  }
}

/**
 * Notes whether the handler answers by itself. `reply.sent` does not tell while `onSend` hooks are at
 * work, and a second answer would go through them again.
 */
function noteSend(reply: FastifyReply): () => boolean {
  const send = reply.send.bind(reply);
  let called = false;
  reply.send = (payload?: unknown) => {
    called = true;
    return send(payload);
  };
  return () => called || reply.sent;
}

/** The status that the handler has set goes before the route's. */
function answer(value: unknown, status: number | undefined, reply: FastifyReply): unknown {
  if (reply.statusCode === 200) {
    if (status !== undefined) reply.code(status);
    else if (value === undefined) reply.code(204);
  }
  return value === undefined ? reply.send() : value;
}

/** Watches for the client's departure once someone asks for the signal. */
class DepartureSignal extends LazySignal {
  readonly #reply: FastifyReply;
  #watching = false;

  constructor(reply: FastifyReply) {
    super();
    this.#reply = reply;
  }

  override get signal(): AbortSignal {
    if (!this.#watching) {
      this.#watching = true;
      watchDeparture(this.#reply, () => this.abort("client"));
    }
    return super.signal;
  }
}
