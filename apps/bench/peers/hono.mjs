// Hono on @hono/node-server: streamSSE(), which wants strings, so a broadcast is stringified once. It has
// no broadcast (a loop over the open streams), no heartbeats and no history (/replay is left out).
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { control } from "../dist/kit/control.js";
import { fanName, Groups, opened } from "./shared.mjs";

/** @type {Groups<import("hono/streaming").SSEStreamingApi>} */
const groups = new Groups();

/** @param {import("../dist/kit/tick.js").Tick} data */
const shape = (data) => ({ event: "tick", data: JSON.stringify(data) });

const kit = control({
  publish(data, channel, channels) {
    const message = shape(data);
    for (const stream of groups.of(fanName(channel, channels))) void stream.writeSSE(message);
  },
});

/**
 * @param {import("hono").Context} context
 * @param {string} name
 */
const join = (context, name) =>
  streamSSE(context, async (stream) => {
    const group = groups.of(name);
    group.add(stream);
    await new Promise((resolve) => stream.onAbort(() => resolve(undefined)));
    group.delete(stream);
  });

/**
 * @param {import("hono").Context} context
 * @param {(left: Promise<unknown>) => AsyncIterable<{ event: string, data: string }>} messages
 */
const pump = (context, messages) =>
  streamSSE(context, async (stream) => {
    const left = new Promise((resolve) => stream.onAbort(() => resolve(undefined)));
    for await (const message of messages(left)) {
      await stream.writeSSE(message);
      if (stream.aborted) return;
    }
  });

/**
 * @param {import("hono").Context} context
 * @param {string} name
 */
const number = (context, name) => Number(context.req.query(name) ?? 0);

const app = new Hono();
app.get("/fan", (context) => join(context, "fan"));
app.get("/fan/:channel", (context) => join(context, `fan/${context.req.param("channel")}`));
app.get("/idle", (context) => join(context, "idle"));
app.get("/one", (context) =>
  pump(context, () => kit.generators.one(number(context, "events"), number(context, "gap"), shape)),
);
app.get("/open", (context) => pump(context, (left) => opened(left, shape)));
app.get("/endless", (context) =>
  pump(context, () => kit.generators.endless(number(context, "pad"), shape)),
);

serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, ({ port }) => void kit.ready(port));
