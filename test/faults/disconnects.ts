import "reflect-metadata";
import { readdirSync } from "node:fs";
import { connect as connectHttp2, constants } from "node:http2";
import { connect, type AddressInfo, type Socket } from "node:net";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { Controller, Signal, Sse, SseStream } from "@sluice/core";
import { sluice } from "@sluice/fastify";
import { watchLeaks } from "@sluice/testing";
import Fastify, { type FastifyInstance } from "fastify";
import { Ledger } from "./ledger.js";
import { watchMemory } from "./memory.js";

const BLOCK = "x".repeat(8_192);

/** What was started and what came to its end, by handler. */
class Tally {
  readonly started = new Map<string, number>();
  readonly ended = new Map<string, number>();

  static add(counts: Map<string, number>, name: string): void {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
}

let tally = new Tally();
let ledger = new Ledger();

@Controller("faults")
class FaultsController {
  @Sse("ticking")
  async *ticking(@Signal() signal: AbortSignal) {
    yield* this.#tracked("ticking", async function* () {
      for (let n = 0; ; n++) {
        yield { id: String(n), data: n };
        await delay(1, undefined, { signal });
      }
    });
  }

  @Sse("flooding")
  async *flooding() {
    yield* this.#tracked("flooding", async function* () {
      for (;;) yield { data: BLOCK };
    });
  }

  @Sse("quiet")
  async *quiet(@Signal() signal: AbortSignal) {
    yield* this.#tracked("quiet", async function* () {
      yield "hello";
      await delay(3_600_000, undefined, { signal });
    });
  }

  @Sse("posted", { method: "POST" })
  async *posted(@Signal() signal: AbortSignal) {
    yield* this.ticking(signal);
  }

  @Sse("finally-yields")
  async *finallyYields() {
    Tally.add(tally.started, "finally-yields");
    try {
      for (;;) {
        yield "tick";
        await delay(2);
      }
    } finally {
      yield "end";
      Tally.add(tally.ended, "finally-yields");
    }
  }

  @Sse("imperative")
  imperative() {
    Tally.add(tally.started, "imperative");
    const stream = new SseStream({ overflow: "drop-oldest", maxBufferedBytes: 65_536 });
    const timer = setInterval(() => stream.send({ data: BLOCK }), 1);
    stream.onClose(() => {
      clearInterval(timer);
      Tally.add(tally.ended, "imperative");
    });
    return stream;
  }

  @Sse("deaf")
  async *deaf() {
    Tally.add(tally.started, "deaf");
    try {
      yield "hello";
      // Ignores its signal: nobody can wake it.
      await new Promise(() => {});
    } finally {
      Tally.add(tally.ended, "deaf");
    }
  }

  async *#tracked<T>(name: string, produce: () => AsyncGenerator<T>): AsyncGenerator<T> {
    Tally.add(tally.started, name);
    try {
      yield* produce();
    } finally {
      Tally.add(tally.ended, name);
    }
  }
}

/** How a client asks and how it leaves. */
type Visit = (port: number, http2Port: number, random: () => number) => Promise<void>;

const PATHS = ["ticking", "flooding", "quiet", "finally-yields", "imperative", "deaf"] as const;

const visits: Readonly<Record<string, Visit>> = {
  async get(port, _, random) {
    const socket = await dial(port);
    socket.write(request("GET", pick(PATHS, random)));
    await leave(socket, random);
  },
  /** Never reads, so that the server's writes back up. */
  async silent(port, _, random) {
    const socket = await dial(port);
    socket.pause();
    socket.write(request("GET", pick(["flooding", "imperative"], random)));
    await delay(20 + random() * 60);
    await leave(socket, random);
  },
  async post(port, _, random) {
    const socket = await dial(port);
    socket.write(request("POST", "posted", '{"a":1}'));
    await leave(socket, random);
  },
  /** The first answer never ends; the others wait behind it. */
  async pipelined(port, _, random) {
    const socket = await dial(port);
    socket.write(
      Array.from({ length: 4 }, () => request("GET", pick(["ticking", "quiet"], random))).join(""),
    );
    await leave(socket, random);
  },
  async http2(_, http2Port, random) {
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

export interface DisconnectReport {
  readonly visits: number;
  readonly started: ReadonlyMap<string, number>;
  /** Started and not ended, but for `deaf`, by handler. */
  readonly unfinished: Readonly<Record<string, number>>;
  /** How many deaf generators there were, and how many the diagnostic named. */
  readonly deaf: number;
  readonly named: number;
  /** Events that a client missed, or received twice, of those before it left. */
  readonly lost: number;
  readonly doubled: number;
  /** How far the memory of the process rose at most, in bytes. */
  readonly peakMemory: number;
  /** Descriptors and listeners more than before. */
  readonly descriptors: number;
  readonly rejections: readonly unknown[];
  /** What `watchLeaks` found, but for the deaf sources. */
  readonly leaks: string;
}

/**
 * Visits streams at random and leaves them: in the middle of an event, under backpressure, from a
 * pipeline, after a POST, by a reset of an HTTP/2 stream.
 *
 * @param count - how many visits
 * @param duration - over how long, in milliseconds
 */
export async function randomDisconnects(
  count: number,
  duration: number,
  seed: number,
): Promise<DisconnectReport> {
  tally = new Tally();
  ledger = new Ledger();
  const random = mulberry32(seed);
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown): void => void rejections.push(reason);
  process.on("unhandledRejection", onRejection);
  let named = 0;
  const onStuck = (): void => void named++;
  subscribe("sluice:producer:stuck", onStuck);

  const http1 = await serve(Fastify());
  const http2 = await serve(Fastify({ http2: true }) as unknown as FastifyInstance);
  const descriptors = countDescriptors();
  using leaks = watchLeaks();
  using memory = watchMemory();

  const names = Object.keys(visits);
  const running: Promise<void>[] = [];
  for (let n = 0; n < count; n++) {
    running.push(visits[names[n % names.length]!]!(http1.port, http2.port, random));
    await delay(duration / count);
  }
  await Promise.all(running);

  const deaf = tally.started.get("deaf") ?? 0;
  await settled(
    () => unfinished().size === 0 && named >= deaf && leaks.connections.size === 0,
    10_000,
  );
  const left = [
    ...leaks.connections,
    ...[...leaks.producers].filter(([name]) => !name.endsWith(".deaf")),
  ];
  const report: DisconnectReport = {
    visits: count,
    started: tally.started,
    unfinished: Object.fromEntries(unfinished()),
    deaf,
    named,
    lost: ledger.lost,
    doubled: ledger.doubled,
    peakMemory: memory.peak,
    descriptors: await descriptorsBack(descriptors),
    rejections,
    leaks: left.map(([name, n]) => `${name} x${n}`).join(", "),
  };
  await Promise.all([http1.app.close(), http2.app.close()]);
  unsubscribe("sluice:producer:stuck", onStuck);
  process.off("unhandledRejection", onRejection);
  return report;
}

function unfinished(): Map<string, number> {
  const left = [...tally.started].map(
    ([name, n]) => [name, n - (tally.ended.get(name) ?? 0)] as const,
  );
  return new Map(left.filter(([name, n]) => n !== 0 && name !== "deaf"));
}

async function serve(app: FastifyInstance): Promise<{ app: FastifyInstance; port: number }> {
  await app.register(sluice, { controllers: [FaultsController], stuckAfter: 500, keepAlive: 50 });
  await app.listen({ host: "127.0.0.1", port: 0 });
  return { app, port: (app.server.address() as AddressInfo).port };
}

async function dial(port: number): Promise<Socket> {
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

async function settled(done: () => boolean, within: number): Promise<void> {
  const deadline = Date.now() + within;
  while (!done() && Date.now() < deadline) await delay(5);
}

function countDescriptors(): number {
  return readdirSync("/proc/self/fd").length;
}

async function descriptorsBack(before: number): Promise<number> {
  await settled(() => countDescriptors() <= before, 2_000);
  return Math.max(0, countDescriptors() - before);
}

function pick<T>(items: readonly T[], random: () => number): T {
  return items[Math.floor(random() * items.length)]!;
}

/** A small seeded generator, so that a failing run can be repeated. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
