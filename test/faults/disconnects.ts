import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Class } from "@sluice/core";
import { sluice } from "@sluice/fastify";
import { watchLeaks } from "@sluice/testing";
import Fastify, { type FastifyInstance } from "fastify";
import { countDescriptors, descriptorsSince } from "./descriptors.js";
import { Ledger } from "./ledger.js";
import { watchMemory } from "./memory.js";
import { mulberry32 } from "./random.js";
import { settled } from "./settled.js";
import { sourcesFor, Tally } from "./sources.js";
import { visits } from "./visits.js";

export interface DisconnectReport {
  readonly visits: number;
  /** How many sources began. */
  readonly started: number;
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
  const tally = new Tally();
  const ledger = new Ledger();
  const controller = sourcesFor(tally);
  const random = mulberry32(seed);
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown): void => void rejections.push(reason);
  process.on("unhandledRejection", onRejection);
  let named = 0;
  const onStuck = (): void => void named++;
  subscribe("sluice:producer:stuck", onStuck);

  const http1 = await serve(Fastify(), controller);
  const http2 = await serve(Fastify({ http2: true }) as unknown as FastifyInstance, controller);
  const descriptors = countDescriptors();
  using leaks = watchLeaks();
  using memory = watchMemory();

  const surroundings = { port: http1.port, http2Port: http2.port, random, ledger };
  const names = Object.keys(visits);
  const running: Promise<void>[] = [];
  for (let n = 0; n < count; n++) {
    running.push(visits[names[n % names.length]!]!(surroundings));
    await delay(duration / count);
  }
  await Promise.all(running);

  const deaf = tally.startsOf("deaf");
  await settled(
    () => tally.unfinished().size === 0 && named >= deaf && leaks.connections.size === 0,
    10_000,
  );
  const left = [
    ...leaks.connections,
    ...[...leaks.producers].filter(([name]) => !name.endsWith(".deaf")),
  ];
  const report: DisconnectReport = {
    visits: count,
    started: tally.total,
    unfinished: Object.fromEntries(tally.unfinished()),
    deaf,
    named,
    lost: ledger.lost,
    doubled: ledger.doubled,
    peakMemory: memory.peak,
    descriptors: await descriptorsSince(descriptors),
    rejections,
    leaks: left.map(([name, n]) => `${name} x${n}`).join(", "),
  };
  await Promise.all([http1.app.close(), http2.app.close()]);
  unsubscribe("sluice:producer:stuck", onStuck);
  process.off("unhandledRejection", onRejection);
  return report;
}

async function serve(
  app: FastifyInstance,
  controller: Class,
): Promise<{ app: FastifyInstance; port: number }> {
  await app.register(sluice, { controllers: [controller], stuckAfter: 500, keepAlive: 50 });
  await app.listen({ host: "127.0.0.1", port: 0 });
  return { app, port: (app.server.address() as AddressInfo).port };
}
