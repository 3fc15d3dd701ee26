import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { Channels, MemoryBroker } from "@sluice/core";
import { sluice } from "@sluice/fastify";
import { ChaosBroker, type ChaosFaults, watchLeaks } from "@sluice/testing";
import Fastify, { type FastifyInstance } from "fastify";
import { Publisher } from "./chaos-publisher.js";
import { ChaosController, CHANNELS } from "./chaos-subjects.js";
import { type ChaosWorld, visitor } from "./chaos-visitor.js";
import { countDescriptors, descriptorsSince } from "./descriptors.js";
import { dialHttp1, dialHttp2 } from "./link.js";
import { watchMemory } from "./memory.js";
import { mulberry32 } from "./random.js";
import { settled } from "./settled.js";
import { Truth } from "./truth.js";
import { Testimony } from "./witness.js";

export interface ChaosReport {
  readonly visits: number;
  /** How many events were published, and how many were received in all. */
  readonly published: number;
  readonly received: number;
  readonly lost: number;
  readonly doubled: number;
  readonly faults: readonly string[];
  /** Connections that the server cut, because their clients did not read or the broker failed. */
  readonly cut: number;
  /** Told resets by reason. */
  readonly resets: Readonly<Record<string, number>>;
  readonly leaked: readonly string[];
  readonly rejections: readonly unknown[];
  readonly peakMemory: number;
}

export interface ChaosOptions {
  readonly clients: number;
  /** In milliseconds. */
  readonly duration: number;
  readonly seed: number;
  /** What goes wrong between the channels and their broker; nothing where it is left out. */
  readonly faults?: Partial<ChaosFaults>;
}

/** What goes wrong with a broker: tellings are lost, doubled and late, and every call fails at times. */
export const BAD_DAY: Partial<ChaosFaults> = {
  failRead: 0.02,
  failFollow: 0.05,
  failPublish: 0.05,
  loseAnswer: 0.02,
};

/**
 * How many events each channel keeps, and how many bursts hold a large one. A broker that fails is
 * slow: fewer are kept and more are large, so that events are gone for good and clients fall behind.
 */
const GOOD = { historyCount: 60, largeShare: 0.05 };
const BAD = { historyCount: 15, largeShare: 0.3 };

/** Slow clients and failing brokers are no news here. */
const logger = { level: "silent" };

/**
 * Clients come and go, with real, strange and old cursors, and stop reading for a while, while
 * publishers publish to several channels with short histories. What each of them receives is compared
 * with what the channels hold.
 */
export async function chaos({
  clients,
  duration,
  seed,
  faults,
}: ChaosOptions): Promise<ChaosReport> {
  const random = mulberry32(seed);
  const truth = new Truth();
  const testimony = new Testimony();
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown): void => void rejections.push(reason);
  process.on("unhandledRejection", onRejection);

  const { historyCount, largeShare } = faults === undefined ? GOOD : BAD;
  const memoryBroker = new MemoryBroker();
  const recorded = truth.recording(memoryBroker);
  const chaotic = faults && new ChaosBroker(recorded, { seed, ...faults });
  const channels = new Channels({
    broker: chaotic ?? recorded,
    history: { count: historyCount, bytes: 16_777_216 },
    maxBufferedBytes: 131_072,
    stallTimeout: "1s",
  });
  const http1 = await serve(Fastify({ forceCloseConnections: true, logger }), channels);
  const http2 = await serve(
    Fastify({ http2: true, logger }) as unknown as FastifyInstance,
    channels,
  );
  const descriptors = countDescriptors();
  using leaks = watchLeaks();
  using memory = watchMemory();

  let over = false;
  let calmed!: () => void;
  // A position is known by its event.
  const publishers = CHANNELS.flatMap((name) =>
    ["one", "two"].map(
      (publisher) => new Publisher(channels.get(name), publisher, random, largeShare),
    ),
  );
  while (CHANNELS.some((name) => truth.of(name).length === 0))
    for (const publisher of publishers) await publisher.publish();
  const world: ChaosWorld = {
    dials: [dialHttp1(http1.port), dialHttp1(http1.port), dialHttp2(http2.port)],
    truth,
    testimony,
    random,
    historyCount,
    mayFail: faults !== undefined,
    isOver: () => over,
    calm: new Promise((resolve) => (calmed = resolve)),
    visits: 0,
    cut: 0,
  };
  const publishing = publishers.map((publisher) => publisher.publishUntil(() => over));
  const visiting = Array.from({ length: clients }, () => visitor(world));
  await delay(duration);
  over = true;
  await Promise.all(publishing);
  await chaotic?.calm();
  calmed();
  await Promise.all(visiting);

  for (const publisher of publishers) publisher.compare(truth, testimony);
  await settled(() => channels.active === 0 && leaks.connections.size === 0, 5_000);
  const left = await descriptorsSince(descriptors);
  const held = memoryBroker.channels;
  await channels.dispose();
  const leaked = [
    await leaks.verify(5_000).then(
      () => "",
      (error: unknown) => String(error),
    ),
    channels.active > 0 ? `${channels.active} hub(s)` : "",
    held > CHANNELS.length ? `${held} channels in the broker` : "",
    left > 0 ? `${left} descriptor(s)` : "",
  ];
  await Promise.all([http1.app.close(), http2.app.close()]);
  process.off("unhandledRejection", onRejection);
  return {
    visits: world.visits,
    published: CHANNELS.reduce((sum, name) => sum + truth.of(name).length, 0),
    received: testimony.events,
    lost: testimony.lost,
    doubled: testimony.doubled,
    faults: testimony.faults,
    cut: world.cut,
    resets: Object.fromEntries(testimony.resets),
    leaked: leaked.filter(Boolean),
    rejections,
    peakMemory: memory.peak,
  };
}

async function serve(
  app: FastifyInstance,
  channels: Channels,
): Promise<{ app: FastifyInstance; port: number }> {
  await app.register(sluice, {
    controllers: [ChaosController],
    providers: [{ provide: Channels, useValue: channels }],
    keepAlive: 200,
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  return { app, port: (app.server.address() as AddressInfo).port };
}
