import { Readable } from "node:stream";
import { HttpError } from "@sluice/core";
import type { FastifyReply, FastifyRequest } from "fastify";
import { isAbortError } from "./abort-error.js";
import { requireEventStream } from "./accept.js";
import type { PrincipalOf } from "./admission.js";
import { concealed } from "./concealed-error.js";
import { Connection } from "./connection.js";
import { prepareHead } from "./head.js";
import { readResumePoint } from "./last-event-id.js";
import { pump } from "./pump.js";
import { refusalOf, refuse, RefusedError } from "./refusal.js";
import { answerAccepted, isRun, prefersAsync } from "./respond-async.js";
import type { StreamRoute } from "./stream-route.js";

/**
 * The way of a request for an event stream, from its arrival to the head. What throws on the way is
 * an ordinary HTTP error; what comes after the head is the pump's.
 */
export async function handleStream(
  route: StreamRoute,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const resume = readResumePoint(request.headers, request.query);
  if (resume.completed && route.marksCompletion)
    return reply.code(204).header("cache-control", "no-store").send();
  requireEventStream(request.headers);
  // Fastify answers so by itself, unless it was told not to.
  if (route.registry.isDraining) throw new HttpError(503, "The server is closing.");

  const connection = new Connection(route, reply, resume);
  // The client left while hooks of the application were at work.
  if (connection.isClosed) return reply.hijack();
  try {
    const context = connection.context!;
    connection.admission?.enter();
    const invocation = route.compiled.invocation(context);
    connection.use(invocation);
    // Awaiting what is no promise would put the request off for a turn of the queue.
    const authorizing = invocation.authorize(context);
    if (authorizing !== undefined) await authorizing;
    if (route.principal !== undefined) await enterPrincipal(route.principal, connection, request);
    // What was revoked after the guards looked is known when this is over.
    const sync = route.connections.sync();
    if (sync !== undefined) await sync.catch(refuseUnknown);
    connection.requirePermission();
    if (request.method === "HEAD") return answerHead(connection, reply);
    const gathering = invocation.arguments(context);
    const args = Array.isArray(gathering) ? gathering : await gathering;
    if (!connection.isClosed) {
      const source = await invocation.call(context, args);
      // The handler may have answered by itself, with a redirect for instance.
      if (isRun(source) && prefersAsync(request.method, request.headers))
        await answerAccepted(connection, source, reply);
      else if (!reply.sent) await pump(connection, source);
    }
  } catch (error) {
    if (!connection.isClosed) {
      connection.close("error");
      const refusal = refusalOf(error, route.compiled.name);
      if (refusal !== undefined) return refuse(refusal, route.refuseWith, reply);
      throw concealed(error, reply, route.compiled.name);
    }
    // Nobody is left to answer, and a handler that obeyed its signal is no news.
    if (!isAbortError(error)) connection.report(error);
  }
  // Open, or the client has left: either way the reply is no longer Fastify's.
  return reply.sent ? reply : reply.hijack();
}

/** @throws LimitError; what the option `principal` throws */
async function enterPrincipal(
  principal: PrincipalOf,
  { info, admission }: Connection,
  request: FastifyRequest,
): Promise<void> {
  info.principal = (await principal(request)) || undefined;
  admission?.enterPrincipal();
}

/** @throws RefusedError: whether it was revoked is not to be learned */
function refuseUnknown(cause: unknown): never {
  throw new RefusedError(503, "Try again later.", "ERR_NODES", cause);
}

function answerHead(connection: Connection, reply: FastifyReply): FastifyReply {
  connection.close("complete");
  prepareHead(reply);
  // Of no payload Fastify would tell the length, which a stream has not.
  return reply.send(Readable.from([]));
}
