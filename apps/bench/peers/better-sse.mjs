// better-sse on node:http, the fastest of its adapters: sessions, channels, session.iterate() for
// generators. It keeps no history: the array is ours, sent by session.batch() after session.lastId.
// iterate() waits for nobody, so that the generator of /endless never lets the event loop turn and fills
// the heap: left out.
import { createChannel, createSession } from "better-sse";
import { control } from "../dist/kit/control.js";
import { fanName, HEARTBEAT, opened, serve } from "./shared.mjs";

/** @type {Map<string, any>} */
const channels = new Map();
/** @type {import("../dist/kit/tick.js").Tick[]} */
const history = [];

/** @param {string} name */
function channel(name) {
  if (!channels.has(name)) channels.set(name, createChannel());
  return channels.get(name);
}

/**
 * @param {string} name
 * @param {import("../dist/kit/tick.js").Tick} data
 */
function broadcast(name, data) {
  // An id of our own, which is cheaper than the random one that it would make.
  channel(name).broadcast(data, "tick", { eventId: String(data.n) });
}

const kit = control({
  publish: (data, channel, of) => broadcast(fanName(channel, of), data),
  fill(data) {
    history.push(data);
    broadcast("replay", data);
  },
});

/** @param {import("./shared.mjs").Asked} asked */
const open = ({ request, response }) => createSession(request, response, { keepAlive: HEARTBEAT });

/** @param {import("./shared.mjs").Asked} asked */
async function join(asked) {
  channel(asked.name).register(await open(asked));
}

/**
 * @param {import("./shared.mjs").Asked} asked
 * @param {AsyncIterable<unknown>} ticks
 */
async function iterate(asked, ticks) {
  const session = await open(asked);
  // It throws when the client has left.
  await session.iterate(ticks, { eventName: "tick" }).catch(() => {});
  asked.response.end();
}

await serve(
  {
    fan: join,
    idle: join,
    one: (asked) => iterate(asked, kit.generators.one(asked.number("events"), asked.number("gap"))),
    open(asked) {
      const left = new Promise((resolve) => asked.response.once("close", resolve));
      return iterate(
        asked,
        opened(left, (data) => data),
      );
    },
    async replay(asked) {
      const session = await open(asked);
      if (session.lastId !== "")
        await session.batch((buffer) => {
          for (const data of history.slice(Number(session.lastId)))
            buffer.push(data, "tick", String(data.n));
        });
      channel("replay").register(session);
    },
  },
  kit,
);
