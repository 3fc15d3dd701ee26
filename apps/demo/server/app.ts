import cors from "@fastify/cors";
import { type Broker, MemoryBroker } from "@sluice/core";
import { sluice } from "@sluice/fastify";
import { LmdbBroker } from "@sluice/lmdb";
import { RedisBroker, RedisNodes } from "@sluice/redis";
import Fastify, {
  type FastifyInstance,
  type FastifyRequest,
  type FastifyServerOptions,
} from "fastify";
import { LanguageModel } from "./chat/language-model.js";
import { ApiController } from "./coming-from/api.controller.js";
import { CounterController } from "./coming-from/counter.controller.js";
import { ExpressBasicController } from "./coming-from/express-basic.controller.js";
import { ExpressController } from "./coming-from/express.controller.js";
import { MoroController } from "./coming-from/moro.controller.js";
import type { DemoConfig } from "./config.js";
import { addConnections } from "./connections.js";
import { examples } from "./examples/index.js";
import { Traffic } from "./examples/traffic.js";
import { JoinedNeighbours } from "./nodes/joined-neighbours.js";
import { Neighbours } from "./nodes/neighbours.js";
import { addNodes } from "./nodes/routes.js";
import { servePage } from "./page.js";
import { seeds } from "./seeds/index.js";

/** Pages from this machine, on any port: the printed React clients run on a development server. */
const LOCAL_PAGE = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/** What the demo's keys in Redis begin with: others may be there. */
const PREFIX = "sluice-demo:";

export interface AppOptions {
  /** The folder of the built page; without it there are only the streams. */
  readonly page?: string;
  readonly logger?: FastifyServerOptions["logger"];
}

/**
 * Builds the demo server. It does not listen yet.
 *
 * @throws LmdbError when the folder of the history can't be used
 */
export async function buildApp(
  config: Omit<DemoConfig, "port" | "host">,
  { page, logger = false }: AppOptions = {},
): Promise<FastifyInstance> {
  const { keepAlive, retry, redis, tokenRate } = config;
  // Short, so that the page is soon back after a restart.
  const common = { keepAlive, drainWindow: "2s" } as const;
  const app = Fastify({ logger });
  await app.register(cors, { origin: LOCAL_PAGE });

  const broker = brokerOf(config);
  const neighbours = redis === undefined ? new Neighbours() : join(app, config.node, broker);
  addNodes(app, neighbours, config.mayBeKilled);
  addConnections(app, neighbours);

  const comingFrom = [ExpressBasicController, ExpressController, MoroController, CounterController];
  const traffic = new Traffic(broker);
  await app.register(sluice, {
    ...common,
    readiness: "/ready",
    controllers: [...examples, ...comingFrom],
    channels: { broker: traffic },
    providers: [
      { provide: Traffic, useValue: traffic },
      { provide: Neighbours, useValue: neighbours },
      { provide: LanguageModel, useValue: new LanguageModel({ rate: tokenRate }) },
    ],
    principal: visitorOf,
    // Short, so that an answer soon goes on elsewhere when its node is gone.
    runs: { lease: "4s" },
    ...(redis !== undefined && { nodes: nodesOf(redis) }),
  });
  await app.register(sluice, { ...common, retry, controllers: [ApiController] });
  for (const [name, controllers] of Object.entries(seeds)) {
    // oxlint-disable-next-line no-await-in-loop -- Fastify loads plugins in order
    await app.register(sluice, { ...common, prefix: `/seeds/${name}`, controllers });
  }

  if (page !== undefined) await servePage(app, page);
  return app;
}

/** There are no accounts: whoever brings the id that a page has made is its visitor. */
function visitorOf({ headers }: FastifyRequest): string | undefined {
  const visitor = headers["x-visitor"];
  return typeof visitor === "string" && /^[\w-]{1,64}$/.test(visitor) ? visitor : undefined;
}

function brokerOf({ history, redis }: Pick<DemoConfig, "history" | "redis">): Broker {
  if (redis !== undefined) return new RedisBroker({ url: redis, prefix: PREFIX });
  return history === undefined ? new MemoryBroker() : new LmdbBroker({ path: history });
}

/** Counts that are never old, and streams that open while Redis is away: nothing is revoked here. */
function nodesOf(url: string): RedisNodes {
  return new RedisNodes({
    url,
    prefix: PREFIX,
    countInterval: "250ms",
    whenUnreachable: "admit",
  });
}

function join(app: FastifyInstance, name: string, broker: Broker): Neighbours {
  const neighbours = new JoinedNeighbours(name, broker);
  app.addHook("onClose", async () => neighbours.close());
  return neighbours;
}
