import { Socket } from "node:net";
import type { FastifyReply } from "fastify";
import { http2StreamOf } from "./http2-stream.js";

/** Who waits for a socket whose responses are still behind others in the pipeline. */
const waiting = new WeakMap<Socket, Set<() => void>>();

/**
 * Tells when the client has left: by the response's `close`; by the socket's while the response waits
 * its turn in a pipeline, for it emits none then; by an HTTP/2 stream's `aborted`, for on Node 20 it
 * emits no `close` when a write waits for the client. Never by the request's, which closes as soon
 * as its body is read.
 *
 * @param left - called once, when the client leaves; before this returns if it has left already
 * @returns stops watching
 */
export function watchDeparture(reply: FastifyReply, left: () => void): () => void {
  const response = reply.raw;
  const stream = http2StreamOf(response);
  const { socket } = reply.request.raw;
  if (response.destroyed || (stream ?? socket).destroyed) {
    left();
    return () => {};
  }
  const queued =
    stream === undefined && response.socket === null && socket instanceof Socket
      ? socket
      : undefined;
  const unwatch = (): void => {
    response.off("close", onLeave);
    stream?.off("aborted", onLeave);
    if (queued !== undefined) leaveSocket(queued, onLeave);
  };
  const onLeave = (): void => {
    unwatch();
    left();
  };
  response.on("close", onLeave);
  stream?.on("aborted", onLeave);
  if (queued !== undefined) joinSocket(queued, onLeave);
  return unwatch;
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
