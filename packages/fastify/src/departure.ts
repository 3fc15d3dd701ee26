import type { Http2Stream } from "node:http2";
import { Socket } from "node:net";
import type { FastifyReply } from "fastify";

/** Who waits for a socket whose responses are still behind others in the pipeline. */
const waiting = new WeakMap<Socket, Set<() => void>>();

/**
 * Tells when the client has left: by the response's `close`, or by the socket's while the response
 * waits its turn in a pipeline, for it emits none then. Never by the request's, which closes as soon
 * as its body is read.
 *
 * @param left - called when the client leaves, at once if it has; must tolerate more than one call
 * @returns stops watching
 */
export function watchDeparture(reply: FastifyReply, left: () => void): () => void {
  const response = reply.raw;
  const carrier = carrierOf(reply);
  if (response.destroyed || carrier.destroyed) {
    left();
    return () => {};
  }
  response.on("close", left);
  if (!(carrier instanceof Socket) || response.socket !== null)
    return () => response.off("close", left);
  const socket = carrier;
  joinSocket(socket, left);
  return () => {
    response.off("close", left);
    leaveSocket(socket, left);
  };
}

/** What carries the response: the HTTP/2 stream, or the HTTP/1.1 socket. */
function carrierOf(reply: FastifyReply): { readonly destroyed?: boolean } {
  return (reply.raw as { stream?: Http2Stream }).stream ?? reply.request.raw.socket;
}

/** One listener a socket, however long its pipeline is. */
function joinSocket(socket: Socket, left: () => void): void {
  let group = waiting.get(socket);
  if (group === undefined) {
    group = new Set();
    waiting.set(socket, group);
    socket.on("close", onSocketClose);
  }
  group.add(left);
}

function leaveSocket(socket: Socket, left: () => void): void {
  const group = waiting.get(socket);
  if (group === undefined) return;
  group.delete(left);
  if (group.size > 0) return;
  waiting.delete(socket);
  socket.off("close", onSocketClose);
}

function onSocketClose(this: Socket): void {
  const group = waiting.get(this);
  waiting.delete(this);
  if (group !== undefined) for (const left of group) left();
}
