// h3 2 on its node adapter (srvx): EventStream, which wants strings, so a broadcast is stringified once.
// It has no broadcast (a loop over the open streams), no heartbeats and no history (/replay is left out).
import { EventStream, getQuery, H3, serve } from "h3";
import { control } from "../dist/kit/control.js";
import { fanName, Groups, opened } from "./shared.mjs";

/** @type {Groups<EventStream>} */
const groups = new Groups();

/** @param {import("../dist/kit/tick.js").Tick} data */
const shape = (data) => ({ event: "tick", data: JSON.stringify(data) });

const kit = control({
  publish(data, channel, channels) {
    const message = shape(data);
    for (const stream of groups.of(fanName(channel, channels))) void stream.push(message);
  },
});

/** @param {import("h3").H3Event} event */
function open(event) {
  const stream = new EventStream(event);
  // Without this the client hears nothing, not even the status, before the first event.
  void stream.pushComment("open");
  return stream;
}

/**
 * @param {import("h3").H3Event} event
 * @param {string} name
 */
function join(event, name) {
  const stream = open(event);
  const group = groups.of(name);
  group.add(stream);
  stream.onClosed(() => group.delete(stream));
  return stream;
}

/**
 * @param {import("h3").H3Event} event
 * @param {(left: Promise<unknown>) => AsyncIterable<{ event: string, data: string }>} messages
 */
function pump(event, messages) {
  const stream = open(event);
  let closed = false;
  const left = new Promise((resolve) => stream.onClosed(() => resolve((closed = true))));
  const run = async () => {
    for await (const message of messages(left)) {
      await stream.push(message);
      if (closed) return;
    }
    await stream.close();
  };
  void run();
  return stream;
}

/**
 * @param {import("h3").H3Event} event
 * @param {string} name
 */
const number = (event, name) => Number(getQuery(event)[name] ?? 0);

const app = new H3();
app.get("/fan", (event) => join(event, "fan"));
app.get("/fan/:channel", (event) => join(event, event.url.pathname.slice(1)));
app.get("/idle", (event) => join(event, "idle"));
app.get("/one", (event) =>
  pump(event, () => kit.generators.one(number(event, "events"), number(event, "gap"), shape)),
);
app.get("/open", (event) => pump(event, (left) => opened(left, shape)));
app.get("/endless", (event) =>
  pump(event, () => kit.generators.endless(number(event, "pad"), shape)),
);

const server = serve(app, { hostname: "127.0.0.1", port: 0, silent: true });
await server.ready();
await kit.ready(Number(new URL(server.url ?? "").port));
