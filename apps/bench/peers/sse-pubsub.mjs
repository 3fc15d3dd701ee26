// sse-pubsub on node:http: one SSEChannel for each stream, its own history for /replay. It has no
// generators (/one, /endless are left out). Streams last ten minutes instead of 30 s, so that none ends
// while it is measured; it holds a client that left until that time is over.
import SseChannel from "sse-pubsub";
import { control } from "../dist/kit/control.js";
import { tick } from "../dist/kit/tick.js";
import { fanName, HEARTBEAT, serve } from "./shared.mjs";

const options = { pingInterval: HEARTBEAT, maxStreamDuration: 600_000 };

/** @type {Map<string, SseChannel>} */
const channels = new Map();

/** @param {string} name */
function channel(name) {
  let found = channels.get(name);
  if (found === undefined) channels.set(name, (found = new SseChannel(options)));
  return found;
}

const replayed = new SseChannel({ ...options, historySize: 20_000 });
// Everyone who joins gets its last event at once.
const first = new SseChannel({ ...options, rewind: 1 });
first.publish(tick(1), "tick");

const kit = control({
  publish: (data, number, of) => channel(fanName(number, of)).publish(data, "tick"),
  fill: (data) => replayed.publish(data, "tick"),
});

/** @param {import("./shared.mjs").Asked} asked */
const join = ({ request, response, name }) => channel(name).subscribe(request, response);

await serve(
  {
    fan: join,
    idle: join,
    open: ({ request, response }) => first.subscribe(request, response),
    replay: ({ request, response }) => replayed.subscribe(request, response),
  },
  kit,
);
