// What recording costs: CPU of the server for a delivery and for a connection, and memory for a
// connection that is open. Build first, then: node packages/opentelemetry/test/cost.mjs
import { fork } from "node:child_process";
import { channel } from "node:diagnostics_channel";
import { once } from "node:events";
import { connect } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { Channels, Controller, Sse } from "@sluice/core";
import { sluice } from "@sluice/fastify";
import { instrumentSluice } from "@sluice/opentelemetry";
import Fastify from "fastify";

const CLIENTS = 200;
const WARM_UP = 500;
const EVENTS = 3_000;
/** How many events are on their way at most, so that no client falls behind. */
const AHEAD = 20;
const RUNS = 5;
const CONNECTIONS = 20_000;
/** One byte tells events apart, wherever a socket cuts them. */
const MARK = "#";
const DATA = MARK + "x".repeat(150);

const MODES = /** @type {const} */ (["nothing", "metrics", "metrics and spans"]);
/** @typedef {{ delivery: number, connection: number, memory: number }} Costs */

const [role = "main", argument = ""] = process.argv.slice(2);
if (role === "main") await main();
else if (role === "server") await serve(argument);
else await read(Number(argument));

/** Each run is a process of its own, and the modes take turns. */
async function main() {
  /** @type {Record<string, Costs[]>} */
  const runs = Object.fromEntries(MODES.map((mode) => [mode, []]));
  for (let run = 0; run < RUNS; run++) {
    for (const mode of MODES) {
      const server = fork(import.meta.filename, ["server", mode], { execArgv: ["--expose-gc"] });
      const [costs] = await once(server, "message");
      runs[mode]?.push(/** @type {Costs} */ (costs));
      await once(server, "exit");
    }
  }
  for (const mode of MODES) {
    /** @param {keyof Costs} name */
    const middle = (name) => {
      const sorted = runs[mode].map((costs) => costs[name]).toSorted((one, other) => one - other);
      const [low, median, high] = [sorted[0], sorted[RUNS >> 1], sorted.at(-1)];
      return [median, low, high].map((value) => (value ?? NaN).toFixed(2)).join(" / ");
    };
    process.stdout.write(
      `${mode}: ${middle("delivery")} µs a delivery, ${middle("connection")} µs a connection, ` +
        `${middle("memory")} kB an open connection (median / least / most of ${RUNS})\n`,
    );
  }
}

/** @param {string} mode */
async function serve(mode) {
  if (mode !== "nothing") instrument(mode === "metrics and spans");
  class Ticks {
    /** @param {Channels} channels */
    constructor(channels) {
      this.channels = channels;
    }
    ticks() {
      return this.channels.get("ticks");
    }
  }
  Reflect.defineMetadata("design:paramtypes", [Channels], Ticks);
  const descriptor = Object.getOwnPropertyDescriptor(Ticks.prototype, "ticks");
  Sse("ticks")(Ticks.prototype, "ticks", descriptor);
  Controller()(Ticks);

  const app = Fastify();
  const channels = new Channels({ history: { count: 100 } });
  const providers = [{ provide: Channels, useValue: channels }];
  await app.register(sluice, { controllers: [Ticks], providers });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const clients = fork(import.meta.filename, ["clients", String(app.server.address().port)]);
  await once(clients, "message");
  const ticks = channels.get("ticks");
  await send(ticks, clients, WARM_UP);
  const before = process.cpuUsage();
  await send(ticks, clients, EVENTS);
  const delivery = spent(before) / (EVENTS * CLIENTS);
  clients.kill();
  await app.close();
  process.send?.({ delivery, ...(await measureConnections()) });
  // Readers of metrics have timers.
  process.disconnect();
  process.exit();
}

/** @param {boolean} spans */
function instrument(spans) {
  /** @param {unknown} _items @param {(result: { code: number }) => void} done */
  const drop = (_items, done) => done({ code: 0 });
  const exporter = { export: drop, forceFlush: async () => {}, shutdown: async () => {} };
  const readers = [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1_000 })];
  const spanProcessors = [new BatchSpanProcessor(exporter)];
  instrumentSluice({
    spans,
    meterProvider: new MeterProvider({ readers }),
    tracerProvider: new BasicTracerProvider({ spanProcessors }),
  });
}

/** One event a turn, and so one write for each client. */
async function send(ticks, clients, count) {
  const progress = { answered: 0 };
  /** @param {number} number */
  const listener = (number) => {
    progress.answered = number;
  };
  clients.on("message", listener);
  clients.send(count);
  for (let sent = 0; sent < count; sent++) {
    while (sent - progress.answered >= AHEAD) await turn();
    await ticks.publish({ event: "tick", data: DATA });
    await turn();
  }
  while (progress.answered < count) await turn();
  clients.off("message", listener);
}

/** What the plugin tells of a connection, many times: its socket would hide what recording costs. */
async function measureConnections() {
  const told = Object.fromEntries(
    ["opened", "first-event", "closed"].map((name) => [name, channel(`sluice:connection:${name}`)]),
  );
  /** @param {number} from */
  const open = (from) => {
    for (let id = from; id < from + CONNECTIONS; id++) {
      if (told.opened.hasSubscribers) told.opened.publish({ id, route: "Ticks.ticks" });
      const first = { id, route: "Ticks.ticks", elapsed: 3 };
      if (told["first-event"].hasSubscribers) told["first-event"].publish(first);
    }
  };
  const totals = { firstEvent: 3, events: 9, bytes: 99, dropped: 0, replayed: 0, resets: 0 };
  /** @param {number} from */
  const close = (from) => {
    for (let id = from; id < from + CONNECTIONS; id++) {
      const closed = { id, route: "Ticks.ticks", reason: "client", duration: 5_000, ...totals };
      if (told.closed.hasSubscribers) told.closed.publish(closed);
    }
  };
  const first = 1_000_000;
  open(first);
  close(first);
  await turn();
  const empty = heap();
  const before = process.cpuUsage();
  open(first + CONNECTIONS);
  const opening = spent(before);
  const memory = (heap() - empty) / CONNECTIONS / 1_000;
  const between = process.cpuUsage();
  close(first + CONNECTIONS);
  return { memory, connection: (opening + spent(between)) / CONNECTIONS };
}

/** @param {NodeJS.CpuUsage} before */
function spent(before) {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

function heap() {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

/** The clients: tell how many events the slowest of them has of those that were announced. */
async function read(port) {
  const counts = Array.from({ length: CLIENTS }, () => 0);
  let told = 0;
  let base = 0;
  process.on("message", () => {
    base += told;
    told = 0;
  });
  process.on("disconnect", () => process.exit());
  const tell = () => {
    const least = Math.min(...counts) - base;
    if (least > told) process.send?.((told = least));
  };
  await Promise.all(
    counts.map(async (_, index) => {
      const socket = connect(port, "127.0.0.1");
      socket.setEncoding("latin1");
      socket.write("GET /ticks HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n");
      await once(socket, "data");
      socket.on("data", (/** @type {string} */ text) => {
        counts[index] += text.split(MARK).length - 1;
        if (index === CLIENTS - 1) tell();
      });
    }),
  );
  setInterval(tell, 5);
  process.send?.("open");
}
