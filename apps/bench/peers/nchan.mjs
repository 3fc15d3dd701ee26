// nchan, a module of nginx, with one worker: this process only starts nginx and publishes to it, over one
// kept connection, each message as soon as the one before it is in. Its own history and ids serve
// /replay. It has no generators (/one and /endless are left out). The memory that is told is nginx's.
import { once } from "node:events";
import { Agent, request as requestHttp } from "node:http";
import { control } from "../dist/kit/control.js";
import { tick } from "../dist/kit/tick.js";
import { startNginx } from "./nginx.mjs";
import { fanName } from "./shared.mjs";

const nginx = await startNginx();
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/**
 * Resolves when nchan has the message.
 *
 * @param {string} channel
 * @param {import("../dist/kit/tick.js").Tick} data
 */
async function publish(channel, data) {
  const body = JSON.stringify(data);
  const request = requestHttp({
    agent,
    host: "127.0.0.1",
    port: nginx.port,
    method: "POST",
    path: `/publish/${channel}`,
    headers: { "content-length": Buffer.byteLength(body) },
  });
  request.end(body);
  const [response] = await once(request, "response");
  await once(response.resume(), "end");
  // 201 with somebody listening, 202 with nobody.
  if (response.statusCode >= 300) throw new Error(`nchan answered ${response.statusCode}`);
}

const kit = control({
  publish: (data, channel, channels) => void publish(fanName(channel, channels), data),
  fill: (data) => publish("replay", data),
  memory: () => ({ rss: nginx.memory(), heapUsed: 0, external: 0 }),
});

await publish("open", tick(1));
await kit.ready(nginx.port, nginx.pid);
