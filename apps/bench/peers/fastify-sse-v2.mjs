// fastify-sse-v2: reply.sse() of generators, and of single events for the broadcast, which is a loop over
// the open replies: of the two ways in its README the faster one (the other is on() of node:events). Data
// must be a string, so a broadcast is stringified once. It has no heartbeats and no history (/replay is
// left out).
import Fastify from "fastify";
import { FastifySSEPlugin } from "fastify-sse-v2";
import { control } from "../dist/kit/control.js";
import { fanName, Groups, opened } from "./shared.mjs";

/** @type {Groups<any>} */
const groups = new Groups();

/** @param {import("../dist/kit/tick.js").Tick} data */
const shape = (data) => ({ event: "tick", data: JSON.stringify(data) });

const kit = control({
  publish(data, channel, channels) {
    const message = shape(data);
    for (const reply of groups.of(fanName(channel, channels))) reply.sse(message);
  },
});

/**
 * @param {any} request
 * @param {any} reply
 * @param {string} name
 */
function join(request, reply, name) {
  // The head goes out with the first thing that is sent; this says again what it says by itself.
  reply.sse({ retry: 3000 });
  const group = groups.of(name);
  group.add(reply);
  request.socket.once("close", () => {
    group.delete(reply);
    reply.sseContext.source.end();
  });
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
