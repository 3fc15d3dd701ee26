import { once } from "node:events";
import { connect as connectHttp2, constants } from "node:http2";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Ledger } from "./ledger.js";
import { pick } from "./random.js";

/** Where a client goes, by which choices, and who keeps the accounts of what it receives. */
export interface Surroundings {
  readonly port: number;
  readonly http2Port: number;
  readonly random: () => number;
  readonly ledger: Ledger;
}

/** How a client asks and how it leaves. */
export type Visit = (surroundings: Surroundings) => Promise<void>;

const PATHS = ["ticking", "flooding", "quiet", "finally-yields", "imperative", "deaf"] as const;

export const visits: Readonly<Record<string, Visit>> = {
  async get({ port, ledger, random }) {
    const socket = await dial(port, ledger);
    socket.write(request("GET", pick(PATHS, random)));
    await leave(socket, random);
  },
  /** Never reads, so that the server's writes back up. */
  async silent({ port, ledger, random }) {
    const socket = await dial(port, ledger);
    socket.pause();
    socket.write(request("GET", pick(["flooding", "imperative"], random)));
    await delay(20 + random() * 60);
    await leave(socket, random);
  },
  async post({ port, ledger, random }) {
    const socket = await dial(port, ledger);
    socket.write(request("POST", "posted", '{"a":1}'));
    await leave(socket, random);
  },
  /** The first answer never ends; the others wait behind it. */
  async pipelined({ port, ledger, random }) {
    const socket = await dial(port, ledger);
    socket.write(
      Array.from({ length: 4 }, () => request("GET", pick(["ticking", "quiet"], random))).join(""),
    );
    await leave(socket, random);
  },
  async http2({ http2Port, random }) {
    const session = connectHttp2(`http://127.0.0.1:${http2Port}`);
    session.on("error", () => {});
    const streams = Array.from({ length: 3 }, () =>
      session.request({ ":path": `/faults/${pick(PATHS.slice(0, 5), random)}` }),
    );
    for (const stream of streams) stream.on("error", () => {});
    await delay(random() * 40);
    for (const stream of streams) stream.close(constants.NGHTTP2_CANCEL);
    await delay(random() * 10);
    session.destroy();
  },
};

async function dial(port: number, ledger: Ledger): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.resume();
  ledger.follow(socket);
  return socket;
}

function request(method: string, path: string, body = ""): string {
  const length =
    body === "" ? "" : `content-type: application/json\r\ncontent-length: ${body.length}\r\n`;
  return `${method} /faults/${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${length}\r\n${body}`;
}

/** After a while that may be nothing at all, politely or by a reset. */
async function leave(socket: Socket, random: () => number): Promise<void> {
  await delay(random() * 60);
  if (random() < 0.5) socket.resetAndDestroy();
  else socket.destroy();
}
