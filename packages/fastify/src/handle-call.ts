import type { VerbRoute } from "@sluice/core";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { PrincipalOf } from "./admission.js";
import { concealed } from "./concealed-error.js";
import { ConnectionInfo } from "./connection-info.js";
import { watchDeparture } from "./departure.js";
import { readResumePoint } from "./last-event-id.js";
import { LazySignal } from "./lazy-signal.js";
import { type ContextSource, RequestContext } from "./request-context.js";

/** The way of an ordinary request: the same guards and parameters, and one answer. */
export async function handleCall(
  route: VerbRoute,
  principal: PrincipalOf | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const resume = readResumePoint(request.headers, undefined);
  const call = new Call(route, reply);
  const context = new RequestContext(request, reply, route, call, resume);
  const invocation = route.invocation(context);
  try {
    await invocation.authorize(context);
    if (principal !== undefined) call.info.principal = (await principal(request)) || undefined;
    const args = await invocation.arguments(context);
    const isAnswered = noteSend(reply);
    const value = await invocation.call(context, args);
    return isAnswered() ? reply : answer(value, route.statusCode, reply);
  } catch (error) {
    throw concealed(error, reply, route.name);
  } finally {
    call.end();
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

/** What is behind the connection of a call. */
const UNENDING = { end: (): void => {} };

/** What an ordinary request has of a connection, made when someone asks for it. */
class Call implements ContextSource {
  readonly #route: VerbRoute;
  readonly #reply: FastifyReply;
  #signal: LazySignal | undefined;
  #info: ConnectionInfo | undefined;

  constructor(route: VerbRoute, reply: FastifyReply) {
    this.#route = route;
    this.#reply = reply;
  }

  /** Aborted when the client leaves. */
  get signal(): AbortSignal {
    if (this.#signal === undefined) {
      const signal = new LazySignal();
      this.#signal = signal;
      watchDeparture(this.#reply.raw, () => signal.abort("client"));
    }
    return this.#signal.signal;
  }

  /** Nothing ends a call, whatever its guards say of streams. */
  get info(): ConnectionInfo {
    return (this.#info ??= new ConnectionInfo(this.#route, this.#reply.request.ip, UNENDING));
  }

  end(): void {
    this.#info?.stop();
  }
}
