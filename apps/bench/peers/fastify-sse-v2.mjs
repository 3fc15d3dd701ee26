// fastify-sse-v2: async iterables given to reply.sse(), the broadcast by on() of node:events, both as
// its README shows; the signal's abort is caught, for an error in an iterable ends the process. Data
// must be a string, so a broadcast is stringified once. It has no heartbeats and no history.
import { EventEmitter, on } from "node:events";
import Fastify from "fastify";
import { FastifySSEPlugin } from "fastify-sse-v2";
import { control } from "../dist/kit/control.js";
import { fanName, opened } from "./shared.mjs";

const emitter = new EventEmitter().setMaxListeners(0);

/** @param {import("../dist/kit/tick.js").Tick} data */
const shape = (data) => ({ event: "tick", data: JSON.stringify(data) });

const kit = control({
  publish: (data, channel, channels) => emitter.emit(fanName(channel, channels), shape(data)),
});

/**
 * @param {string} name
 * @param {AbortSignal} signal
 */
async function* listen(name, signal) {
  try {
    for await (const [message] of on(emitter, name, { signal })) yield message;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/**
 * @param {any} request
 * @param {any} reply
 * @param {string} name
 */
function join(request, reply, name) {
  const controller = new AbortController();
  request.socket.once("close", () => controller.abort());
  reply.sse(listen(name, controller.signal));
}

const app = Fastify();
await app.register(FastifySSEPlugin);

app.get("/fan", (request, reply) => join(request, reply, "fan"));
app.get("/fan/:channel", (request, reply) => join(request, reply, `fan/${request.params.channel}`));
app.get("/idle", (request, reply) => join(request, reply, "idle"));
app.get("/one", ({ query }, reply) => {
  reply.sse(kit.generators.one(Number(query.events), Number(query.gap ?? 0), shape));
});
app.get("/open", (request, reply) => {
  const left = new Promise((resolve) => request.socket.once("close", resolve));
  reply.sse(opened(left, shape));
});
app.get("/endless", ({ query }, reply) => {
  reply.sse(kit.generators.endless(Number(query.pad), shape));
});

await app.listen({ port: 0, host: "127.0.0.1" });
await kit.ready(app.server.address().port);
