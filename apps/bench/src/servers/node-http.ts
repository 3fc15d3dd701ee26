// Node's own server as most people write it by hand: res.write() for each event and each client.
import type { ServerResponse } from "node:http";
import { control } from "../kit/control.js";
import { type Tick, tick } from "../kit/tick.js";
import { room, serve } from "./plain.js";

const frame = (data: Tick): string => `event: tick\ndata: ${JSON.stringify(data)}\n\n`;

const fans = new Map<string, Set<ServerResponse>>();
const fan = (name: string): Set<ServerResponse> => {
  let found = fans.get(name);
  if (found === undefined) fans.set(name, (found = new Set()));
  return found;
};
const everyone = fan("everyone");
const history: string[] = [];

const kit = control({
  publish(data, channel, of) {
    const text = frame(data);
    for (const response of fan(of === 1 ? "" : String(channel))) response.write(text);
  },
  fill(data) {
    const text = `id: ${data.n}\n${frame(data)}`;
    history.push(text);
    for (const response of fan("replay")) response.write(text);
  },
});

setInterval(() => {
  for (const response of everyone) response.write(": keep-alive\n\n");
}, 15_000);

function open(response: ServerResponse, name: string): void {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  response.flushHeaders();
  const members = fan(name);
  members.add(response);
  everyone.add(response);
  response.once("close", () => {
    members.delete(response);
    everyone.delete(response);
  });
}

await serve(
  {
    fan: open,
    async pump(response, ticks) {
      open(response, "generators");
      for await (const data of ticks) {
        if (!response.write(frame(data))) await room(response);
        if (response.destroyed) return;
      }
      response.end();
    },
    open(response) {
      open(response, "generators");
      response.write(frame(tick(1)));
    },
    replay(response, after = history.length) {
      open(response, "replay");
      for (let n = after; n < history.length; n++) response.write(history[n]);
    },
  },
  kit,
);
