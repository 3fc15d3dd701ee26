import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import { HeadCarrier } from "./head-carrier.js";
import { http2StreamOf } from "./http2-stream.js";
import { createWriter } from "./writers/create-writer.js";
import type { Writer } from "./writers/writer.js";

const DEFAULTS: Readonly<Record<string, string>> = {
  // `no-transform` keeps compressing proxies from holding events back.
  "cache-control": "no-cache, no-transform",
  // nginx: don't buffer.
  "x-accel-buffering": "no",
};

/** HTTP/2 forbids what describes a connection (RFC 9113 section 8.2.2). */
const NOT_ON_HTTP2 = [
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
];

/**
 * Puts the head of an event stream on the reply. A header that a hook or the handler has set stays,
 * but for the content type and a length.
 */
export function prepareHead(reply: FastifyReply): void {
  for (const name in DEFAULTS) if (!reply.hasHeader(name)) reply.header(name, DEFAULTS[name]);
  reply.header("content-type", "text/event-stream");
  if (reply.hasHeader("content-length")) reply.removeHeader("content-length");
  // On HTTP/1.1 Node itself says `Connection: keep-alive`, or `close` where the client asked for it.
  if (http2StreamOf(reply.raw) !== undefined)
    for (const name of NOT_ON_HTTP2) reply.removeHeader(name);
}

/**
 * Sends the head and takes the response over.
 *
 * @param ready - called once with the writer; at once, unless `onSend` hooks have to run
 * @param replaced - called in its place when a hook has thrown, or answered something else
 * @throws what Node throws for a header that can't be sent; the response is then still Fastify's
 */
export function sendHead(
  reply: FastifyReply,
  ready: (writer: Writer) => void,
  replaced: () => void,
): void {
  prepareHead(reply);
  if (hasOnSendHooks(reply.request)) {
    void reply.send(new HeadCarrier(reply.raw, ready, replaced));
    return;
  }
  const response = reply.raw;
  // One packet for the head and the first event. HTTP/2 has no socket of its own to cork.
  const socket = http2StreamOf(response) === undefined ? response.socket : null;
  socket?.cork();
  try {
    writeHead(response, reply);
    reply.hijack();
    ready(createWriter(response));
  } finally {
    socket?.uncork();
  }
}

function writeHead(response: ServerResponse, reply: FastifyReply): void {
  try {
    response.writeHead(reply.statusCode, reply.getHeaders() as OutgoingHttpHeaders);
  } catch (error) {
    // Some headers are on the response by now; the error's answer is of another type.
    response.removeHeader("content-type");
    throw error;
  }
  response.flushHeaders();
}

/** Where Fastify keeps a request's route, with its hooks: no public name leads there. */
let routeContext: symbol | undefined;

/**
 * Whether `onSend` hooks apply to a request. When a version of Fastify hides it, the answer is yes:
 * the way through `reply.send` is right for all routes, only dearer.
 */
export function hasOnSendHooks(request: FastifyRequest): boolean {
  routeContext ??= Object.getOwnPropertySymbols(request).find(
    (key) => key.description === "fastify.context",
  );
  if (routeContext === undefined) return true;
  const context = (request as unknown as Record<symbol, { onSend?: unknown[] | null } | undefined>)[
    routeContext
  ];
  return context === undefined || context.onSend === undefined || (context.onSend?.length ?? 0) > 0;
}
