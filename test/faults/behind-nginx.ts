import { setTimeout as delay } from "node:timers/promises";
import { type Nginx, type Site, startNginx } from "./nginx.js";
import { type Program, startProgram } from "./program.js";
import type { FaultServer } from "./programs/fault-server.js";
import { type Asking, ProxiedClient } from "./proxied-client.js";
import { settled } from "./settled.js";

/** How nginx is set up, and how the client asks. */
export interface ProxyCase {
  readonly name: string;
  readonly directives: readonly string[];
  readonly asking: Asking;
  /** The coding that the answer has to have. */
  readonly coding?: string;
}

const GZIP = ["gzip on", "gzip_types text/event-stream", "gzip_min_length 0", "gzip_proxied any"];

export const PROXY_CASES: readonly ProxyCase[] = [
  { name: "as it comes", directives: [], asking: {} },
  {
    name: "HTTP/1.1 to the server, proxy_buffering on",
    directives: ["proxy_http_version 1.1", 'proxy_set_header Connection ""', "proxy_buffering on"],
    asking: {},
  },
  { name: "gzip on", directives: GZIP, asking: { gzip: true }, coding: "gzip" },
  { name: "HTTP/2 to the client", directives: [], asking: { http2: true } },
  {
    name: "HTTP/2 and gzip",
    directives: GZIP,
    asking: { http2: true, gzip: true },
    coding: "gzip",
  },
];

export interface ProxyReport {
  readonly coding: string | undefined;
  /** From the request to the first event, in milliseconds. */
  readonly first: number;
  /** From publishing to reading, the longest of several, in milliseconds. */
  readonly slowest: number;
  /** The stream was still there after a silence of more than twice the proxy's read timeout. */
  readonly outlastsSilence: boolean;
  readonly lost: number;
  readonly doubled: number;
}

export interface BehindNginx {
  readonly cases: ReadonlyMap<string, ProxyReport>;
  /** Without keep-alive comments: how long the stream lasted, in milliseconds, and what became of it. */
  readonly silent: { readonly lasted: number; readonly lost: number; readonly doubled: number };
  /** Events that came within a second where nginx was told to pay no heed to `X-Accel-Buffering`. */
  readonly heedless: number;
  /** Connections that the servers had left when the clients had gone. */
  readonly leaked: number;
  readonly peakMemory: number;
}

const PATH = "/faults/channel/main";

/**
 * Listens to a channel through nginx, set up in several ways.
 *
 * @param readTimeout - nginx cuts a server off that is silent for so long, in milliseconds
 * @param keepAlive - of the server, in milliseconds
 */
export async function behindNginx(readTimeout: number, keepAlive: number): Promise<BehindNginx> {
  await using server = await startProgram<FaultServer>("fault-server");
  await using silent = await startProgram<FaultServer>("fault-server");
  const port = await server.call("listen", { sluice: { keepAlive, logStreams: false } });
  const silentPort = await silent.call("listen", {
    sluice: { keepAlive: false, logStreams: false },
  });
  const timeout = `proxy_read_timeout ${readTimeout}ms`;
  const sites: Site[] = [
    ...PROXY_CASES.map(({ directives, asking }, n) => ({
      name: `case-${n}`,
      upstream: port,
      listen: asking.http2 === true ? "http2" : "",
      directives: [timeout, ...directives],
    })),
    { name: "silent", upstream: silentPort, directives: [timeout] },
    { name: "heedless", upstream: port, directives: ["proxy_ignore_headers X-Accel-Buffering"] },
  ];
  await using nginx = await startNginx(sites);
  const [cases, cut, heedless] = await Promise.all([
    throughAll(nginx, server, readTimeout),
    throughSilence(nginx, silent),
    throughHeedless(nginx),
  ]);
  const connections = async (): Promise<number> =>
    (await server.call("state")).connections + (await silent.call("state")).connections;
  const deadline = performance.now() + 5_000;
  while ((await connections()) > 0 && performance.now() < deadline) await delay(20);
  const leaked = await connections();
  const peakMemory = await server.call("peak");
  await Promise.all([server.call("close"), silent.call("close")]);
  return { cases, silent: cut, heedless, leaked, peakMemory };
}

/** All cases at once: what is published reaches each of them. */
async function throughAll(
  nginx: Nginx,
  server: Program<FaultServer>,
  readTimeout: number,
): Promise<ReadonlyMap<string, ProxyReport>> {
  const dial = (n: number, lastEventId?: string): ProxiedClient =>
    new ProxiedClient(nginx.socketOf(`case-${n}`), PATH, {
      ...PROXY_CASES[n]!.asking,
      ...(lastEventId !== undefined && { lastEventId }),
    });
  const clients = PROXY_CASES.map((_, n) => dial(n));
  await settled(() => clients.every(({ arrivals }) => arrivals.length > 0), 5_000);
  for (let n = 1; n <= 10; n++) {
    await server.call("publish", "main", 1, 10);
    await last(n, clients);
  }
  await delay(readTimeout * 2.2);
  const outlasts = clients.map(({ isOver }) => !isOver);
  await server.call("publish", "main", 1, 10);
  await last(11, clients);
  for (const client of clients) client.leave();
  await server.call("publish", "main", 5, 10);
  const resumed = clients.map(({ lastId }, n) => dial(n, lastId));
  await last(16, resumed);
  for (const client of resumed) client.leave();

  return new Map(
    clients.map((client, n) => {
      const loads = [...client.loads, ...resumed[n]!.loads];
      return [
        PROXY_CASES[n]!.name,
        {
          coding: client.coding,
          first: (client.arrivals[0]?.at ?? Number.POSITIVE_INFINITY) - client.askedAt,
          slowest: Math.max(...client.loads.map(({ latency }) => latency)),
          outlastsSilence: outlasts[n]!,
          ...missed(loads, 16),
        },
      ];
    }),
  );
}

function last(count: number, of: readonly ProxiedClient[]): Promise<void> {
  return settled(() => of.every(({ loads }) => loads.at(-1)?.seq === count - 1), 5_000);
}

/** Cut off by nginx, the client comes back with its last id. */
async function throughSilence(nginx: Nginx, server: Program<FaultServer>) {
  const path = nginx.socketOf("silent");
  const client = new ProxiedClient(path, PATH, {});
  await settled(() => client.arrivals.length > 0, 5_000);
  await server.call("publish", "main", 1, 10);
  await settled(() => client.loads.length > 0, 5_000);
  const began = performance.now();
  await settled(() => client.isOver, 20_000);
  const lasted = performance.now() - began;
  await server.call("publish", "main", 3, 10);
  const resumed = new ProxiedClient(path, PATH, { lastEventId: client.lastId });
  await settled(() => resumed.loads.length >= 3, 5_000);
  resumed.leave();
  return { lasted, ...missed([...client.loads, ...resumed.loads], 4) };
}

async function throughHeedless(nginx: Nginx): Promise<number> {
  const client = new ProxiedClient(nginx.socketOf("heedless"), "/faults/quiet", {});
  await settled(() => client.arrivals.length > 0, 1_000);
  client.leave();
  return client.arrivals.length;
}

function missed(loads: readonly { readonly seq: number }[], count: number) {
  const seen = loads.map(({ seq }) => seq);
  const lost = Array.from({ length: count }, (_, seq) => seq).filter((seq) => !seen.includes(seq));
  return { lost: lost.length, doubled: seen.length - new Set(seen).size };
}
