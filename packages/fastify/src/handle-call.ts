import type { VerbRoute } from "@sluice/core";
import type { FastifyReply, FastifyRequest } from "fastify";
import { concealed } from "./concealed-error.js";
import { watchDeparture } from "./departure.js";
import { readResumePoint } from "./last-event-id.js";
import { RequestContext, type SignalSource } from "./request-context.js";

/** The way of an ordinary request: the same guards and parameters, and one answer. */
export async function handleCall(
  route: VerbRoute,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const { lastEventId } = readResumePoint(request.headers, undefined);
  const context = new RequestContext(
    request,
    reply,
    route,
    new DepartureSignal(reply),
    lastEventId,
  );
  const invocation = route.invocation(context);
  try {
    await invocation.authorize(context);
    const value = await invocation.call(context, await invocation.arguments(context));
    return answer(value, route.statusCode, reply);
  } catch (error) {
    throw concealed(error, reply);
  } finally {
    await invocation.dispose();
  }
}

function answer(value: unknown, status: number | undefined, reply: FastifyReply): unknown {
  if (reply.sent) return reply;
  if (status !== undefined) reply.code(status);
  if (value !== undefined) return value;
  if (reply.statusCode === 200) reply.code(204);
  return reply.send();
}

/** A signal that costs nothing until someone asks for it. */
class DepartureSignal implements SignalSource {
  readonly #reply: FastifyReply;
  #abort: AbortController | undefined;

  constructor(reply: FastifyReply) {
    this.#reply = reply;
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      const abort = new AbortController();
      this.#abort = abort;
      watchDeparture(this.#reply, () => abort.abort());
    }
    return this.#abort.signal;
  }
}
