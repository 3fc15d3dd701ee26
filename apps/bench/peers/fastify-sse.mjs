// @fastify/sse: reply.sse.send() of messages and of generators, kind "only" (no negotiation beyond
// Accept). It has no broadcast: a loop over the open replies. Objects are its serialiser's to stringify.
import fastifySse from "@fastify/sse";
import Fastify from "fastify";
import { control } from "../dist/kit/control.js";
import { fanName, Groups, HEARTBEAT, opened } from "./shared.mjs";

/** @type {Groups<any>} */
const groups = new Groups();
/** @type {{ id: string, event: string, data: unknown }[]} */
const history = [];

/** @param {import("../dist/kit/tick.js").Tick} data */
const shape = (data) => ({ event: "tick", data });

/**
 * @param {string} name
 * @param {object} message
 */
function send(name, message) {
  // Refused where the connection was lost a moment ago, which onClose tells as well.
  for (const sse of groups.of(name)) sse.send(message).catch(() => {});
}

const kit = control({
  publish: (data, channel, channels) => send(fanName(channel, channels), shape(data)),
  fill(data) {
    const message = { id: String(data.n), ...shape(data) };
    history.push(message);
    send("replay", message);
  },
});

/**
 * @param {any} reply
 * @param {string} name
 */
function join({ sse, raw }, name) {
  const group = groups.of(name);
  group.add(sse);
  sse.onClose(() => group.delete(sse));
  sse.keepAlive();
  // Without this the client hears nothing, not even the status, before the first event.
  sse.sendHeaders();
  raw.flushHeaders();
}

const app = Fastify();
await app.register(fastifySse, { heartbeatInterval: HEARTBEAT });
const sse = { sse: "only" };

app.get("/fan", sse, async (_request, reply) => join(reply, "fan"));
app.get("/fan/:channel", sse, async (request, reply) =>
  join(reply, `fan/${request.params.channel}`),
);
app.get("/idle", sse, async (_request, reply) => join(reply, "idle"));
app.get("/one", sse, async ({ query }, reply) => {
  reply.sse.sendHeaders();
  reply.raw.flushHeaders();
  await reply.sse.send(kit.generators.one(Number(query.events), Number(query.gap ?? 0), shape));
});
app.get("/open", sse, async (_request, reply) => {
  const left = new Promise((resolve) => reply.sse.onClose(resolve));
  await reply.sse.send(opened(left, shape));
});
app.get("/endless", sse, async ({ query }, reply) => {
  await reply.sse.send(kit.generators.endless(Number(query.pad), shape));
});
app.get("/replay", sse, async (_request, reply) => {
  await reply.sse.replay(async (lastEventId) => {
    for (const message of history.slice(Number(lastEventId))) await reply.sse.send(message);
  });
  join(reply, "replay");
});

await app.listen({ port: 0, host: "127.0.0.1" });
await kit.ready(app.server.address().port);
