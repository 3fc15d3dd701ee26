import type { ServerResponse } from "node:http";
import { Socket } from "node:net";
import { http2StreamOf } from "./http2-stream.js";

/** Who waits for a socket whose responses are still behind others in the pipeline. */
const waiting = new WeakMap<Socket, Set<() => void>>();

/**
 * Tells when the client has left: by the response's `close`; by the socket's while the response waits
 * its turn in a pipeline, for it emits none then; by an HTTP/2 stream's `aborted`, for on Node 20 it
 * emits no `close` when a write waits for the client. Never by the request's, which closes as soon
 * as its body is read.
 *
 * @param left - called when the client leaves, more than once perhaps; before this returns if it has left already
 */
export function watchDeparture(response: ServerResponse, left: () => void): void {
  const stream = http2StreamOf(response);
  const socket = socketOf(response);
  if (response.destroyed || (stream ?? socket)?.destroyed === true) return left();
  response.on("close", left);
  stream?.on("aborted", left);
  if (stream === undefined && response.socket === null && socket instanceof Socket)
    joinSocket(socket, left);
}

/** Stops to watch. Doing so twice, or where nothing is watched, is harmless. */
export function unwatchDeparture(response: ServerResponse, left: () => void): void {
  response.off("close", left);
  http2StreamOf(response)?.off("aborted", left);
  const socket = socketOf(response);
  if (socket !== undefined) leaveSocket(socket, left);
}

/** The request's, which is there while the response has none. */
function socketOf(response: ServerResponse): Socket | undefined {
  return (response.req as Partial<ServerResponse["req"]> | undefined)?.socket;
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
