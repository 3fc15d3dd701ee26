// The limit: the fastest server that the public interface of Node allows, for these workloads and
// nothing else. It has no routes, no guards, no way to resume; nobody should write an application so.
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { control } from "../kit/control.js";
import { type Tick, tick } from "../kit/tick.js";
import { room, serve } from "./plain.js";

const GATHER_LIMIT = 16_384;
const REPLAY_WRITE = 65_536;

const frame = (data: Tick): string => `event: tick\ndata: ${JSON.stringify(data)}\n\n`;
const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

/** Everybody on one stream. What is published in one turn is joined into one chunk, made once. */
class Fan {
  readonly sockets = new Set<Socket>();
  #pending = "";

  publish(text: string): void {
    if (this.#pending === "") setImmediate(() => this.#flush());
    this.#pending += text;
  }

  #flush(): void {
    const bytes = Buffer.from(chunk(this.#pending), "latin1");
    this.#pending = "";
    for (const socket of this.sockets) socket.write(bytes);
  }
}

const fans = new Map<string, Fan>();
const fan = (name: string): Fan => {
  let found = fans.get(name);
  if (found === undefined) fans.set(name, (found = new Fan()));
  return found;
};

/** Frames one behind the other in one buffer, and where each ends. */
const history = { bytes: Buffer.alloc(4_194_304), ends: [0] };

const kit = control({
  publish: (data, channel, of) => fan(of === 1 ? "" : String(channel)).publish(frame(data)),
  fill(data) {
    const text = `id: ${data.n}\n${frame(data)}`;
    const end = history.ends.at(-1) ?? 0;
    history.ends.push(end + history.bytes.write(text, end, "latin1"));
    fan("replay").publish(text);
  },
});

const everyone = fan("everyone");
setInterval(() => everyone.publish(": keep-alive\n"), 15_000);

function open(response: ServerResponse, name: string): Socket {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  response.flushHeaders();
  const socket = response.socket!;
  const { sockets } = fan(name);
  sockets.add(socket);
  everyone.sockets.add(socket);
  socket.once("close", () => {
    sockets.delete(socket);
    everyone.sockets.delete(socket);
  });
  return socket;
}

await serve(
  {
    fan: open,
    async pump(response, ticks) {
      const socket = open(response, "generators");
      let gathered = "";
      const flush = (): void => {
        if (gathered === "") return;
        const text = chunk(gathered);
        gathered = "";
        socket.write(text, "latin1");
      };
      for await (const data of ticks) {
        if (gathered === "") setImmediate(flush);
        gathered += frame(data);
        if (gathered.length < GATHER_LIMIT) continue;
        flush();
        if (socket.writableNeedDrain) await room(socket);
        if (socket.destroyed) return;
      }
      flush();
      response.end();
    },
    open(response) {
      // The head and the event in one packet.
      response.socket?.cork();
      const socket = open(response, "generators");
      socket.write(chunk(frame(tick(1))), "latin1");
      socket.uncork();
    },
    replay(response, after) {
      const socket = open(response, "replay");
      const { bytes, ends } = history;
      const end = ends.at(-1) ?? 0;
      let at = after === undefined ? end : (ends[after] ?? end);
      while (at < end) {
        const to = Math.min(at + REPLAY_WRITE, end);
        socket.cork();
        socket.write(`${(to - at).toString(16)}\r\n`, "latin1");
        socket.write(bytes.subarray(at, to));
        socket.write("\r\n", "latin1");
        socket.uncork();
        at = to;
      }
    },
  },
  kit,
);
