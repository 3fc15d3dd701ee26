// The core of AdonisJS Transmit on node:http: streams, subscriptions and broadcasts, without a transport
// to other servers. A client subscribes by a second request; here the server does it at once. Events
// have neither names nor ids, and it wraps the data: {"channel":"fan","payload":{"n":1,…}}. It has no
// generators and no history (/one, /endless, /replay are left out).
import { randomUUID } from "node:crypto";
import { Transmit } from "@boringnode/transmit";
import { control } from "../dist/kit/control.js";
import { tick } from "../dist/kit/tick.js";
import { fanName, HEARTBEAT, serve } from "./shared.mjs";

const transmit = new Transmit({ pingInterval: HEARTBEAT, transport: null });

const kit = control({
  publish: (data, channel, channels) => transmit.broadcast(fanName(channel, channels), data),
});

/**
 * @param {import("./shared.mjs").Asked} asked
 * @param {string} uid
 * @param {string} channel
 */
async function join({ request, response }, uid, channel) {
  const context = {};
  transmit.createStream({ uid, context, request, response });
  await transmit.subscribe({ uid, channel, context });
}

await serve(
  {
    fan: (asked) => join(asked, randomUUID(), asked.name),
    idle: (asked) => join(asked, randomUUID(), asked.name),
    async open(asked) {
      const uid = randomUUID();
      await join(asked, uid, `users/${uid}`);
      transmit.broadcast(`users/${uid}`, tick(1));
    },
  },
  kit,
);
