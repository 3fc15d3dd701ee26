// tRPC: subscriptions over SSE on its standalone adapter, from async generators; the broadcast by on() of
// node:events, as its documentation shows. Ids by tracked() where they are used, in /replay: the history
// is ours. Events have no name. Heartbeats are off, as they are without configuration: with them the
// process ends by an unhandled AbortError once a client leaves while events wait for it. Addresses are
// turned into its own: /one?events=9 asks for /one?input={"events":"9"}.
import { EventEmitter, on } from "node:events";
import { createServer } from "node:http";
import { initTRPC, tracked } from "@trpc/server";
import { createHTTPHandler } from "@trpc/server/adapters/standalone";
import { control } from "../dist/kit/control.js";
import { fanName, listen, opened } from "./shared.mjs";

const emitter = new EventEmitter().setMaxListeners(0);
/** @type {import("../dist/kit/tick.js").Tick[]} */
const history = [];

const kit = control({
  publish: (data, channel, channels) => emitter.emit(fanName(channel, channels), data),
  fill(data) {
    history.push(data);
    emitter.emit("replay", data);
  },
});

const t = initTRPC.create();
// A validator may be a function; every procedure takes an object of strings.
const procedure = t.procedure.input((value) => Object(value ?? {}));

/**
 * @param {string} name
 * @param {AbortSignal} signal
 */
async function* follow(name, signal) {
  for await (const [data] of on(emitter, name, { signal })) yield data;
}

const router = t.router({
  fan: procedure.subscription(({ input, signal }) =>
    follow(input.channel === undefined ? "fan" : `fan/${input.channel}`, signal),
  ),
  idle: procedure.subscription(({ signal }) => follow("idle", signal)),
  one: procedure.subscription(({ input }) =>
    kit.generators.one(Number(input.events), Number(input.gap ?? 0)),
  ),
  open: procedure.subscription(({ signal }) => {
    const left = new Promise((resolve) => signal.addEventListener("abort", resolve));
    return opened(left, (data) => data);
  }),
  endless: procedure.subscription(({ input }) => kit.generators.endless(Number(input.pad))),
  replay: procedure.subscription(async function* ({ input, signal }) {
    // Listened to before the history is read, so that nothing is missed in between.
    const live = on(emitter, "replay", { signal });
    if (input.lastEventId !== undefined)
      for (const data of history.slice(Number(input.lastEventId)))
        yield tracked(String(data.n), data);
    for await (const [data] of live) yield tracked(String(data.n), data);
  }),
});

/** @param {string} url */
function translate(url) {
  const { pathname, searchParams } = new URL(url, "http://localhost");
  const [, name, channel] = pathname.split("/");
  const input = Object.fromEntries(searchParams);
  if (channel !== undefined) input.channel = channel;
  return `/${name}?input=${encodeURIComponent(JSON.stringify(input))}`;
}

const handle = createHTTPHandler({ router });
const server = createServer((request, response) => {
  const url = request.url ?? "/";
  if (/[?]|^\/.*\//.test(url)) request.url = translate(url);
  handle(request, response);
});
await listen(server, kit);
