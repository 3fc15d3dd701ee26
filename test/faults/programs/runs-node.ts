import "reflect-metadata";
import { setTimeout as delay } from "node:timers/promises";
import { randomUUID } from "node:crypto";
import {
  Channels,
  Controller,
  Param,
  Run,
  type RunInfo,
  type RunOptions,
  Runs,
  Signal,
  Sse,
} from "@sluice/core";
import { sluice } from "@sluice/fastify";
import { RedisBroker } from "@sluice/redis";
import Fastify from "fastify";
import { type Ended, RunJournal } from "../redis-runs-journal.js";
import { MOST_ATTEMPTS, planOf, type RunTimes, wordOf } from "../redis-runs-plan.js";
import { answer } from "./answer.js";
import { LiveTimers } from "./runs-timers.js";
import { countSockets, type Held, heldNow } from "./own-state.js";

/** How a node is set up. */
export interface RunsNodeOptions {
  readonly url: string;
  /** @defaultValue any */
  readonly port?: number;
  /** Tells the processes apart. */
  readonly name: string;
  /** The path of the journal. */
  readonly journal: string;
  readonly times: RunTimes;
}

/** One event of a run: who made it, so that a mixture is seen. */
export interface Token {
  readonly key: string;
  readonly start: string;
  readonly n: number;
  readonly word: string;
}

/** What a node holds. */
export interface RunsNodeState {
  readonly active: number;
  readonly connections: number;
  readonly runs: readonly RunInfo[];
  readonly timers: number;
  readonly rejections: readonly string[];
  readonly peakMemory: number;
}

/** How many of ten tokens come at once. */
const BURST = 3;

const timers = new LiveTimers();
const app = Fastify({ forceCloseConnections: true, logger: { level: "silent" } });
const rejections: string[] = [];
let channels!: Channels;
let runs!: Runs;
let peakMemory = 0;

process.on("unhandledRejection", (reason) => void rejections.push(String(reason)));
setInterval(() => {
  peakMemory = Math.max(peakMemory, process.memoryUsage.rss());
}, 100).unref();

function controllerOf({ name, journal: path, times }: RunsNodeOptions) {
  const journal = new RunJournal(path);
  const common: RunOptions = {
    key: ({ params }) => params["key"]!,
    keep: times.keep,
    orphan: times.orphan,
    attach: true,
    maxDuration: times.longest * 3,
  };

  async function* produce(key: string, signal: AbortSignal) {
    const { tokens, ending } = planOf(key);
    const start = randomUUID();
    const isFirst = !journal.read().some((entry) => entry.what === "begun" && entry.key === key);
    const throwsAt = ending === "throws" && isFirst ? Math.floor(tokens / 2) : undefined;
    journal.write({ what: "begun", start, key, node: name, at: Date.now() });
    let how: Ended["how"] = "stopped";
    let n = 0;
    try {
      for (; n < tokens; n++) {
        const isAtOnce = n % 10 < BURST;
        if (!isAtOnce) await delay((times.pace * 10) / (10 - BURST), undefined, { signal });
        if (n === throwsAt) {
          how = "threw";
          throw new Error(`${key} fails on purpose.`);
        }
        const token: Token = { key, start, n, word: wordOf(key, n) };
        yield { event: "token", data: token };
      }
      how = "done";
    } finally {
      const state = runs.list().find((run) => run.key === key)?.state;
      journal.write({ what: "ended", start, how, state, tokens: n, at: Date.now() });
    }
  }

  @Controller("runs")
  class RunsController {
    constructor(injectedChannels: Channels, injectedRuns: Runs) {
      channels = injectedChannels;
      runs = injectedRuns;
    }

    @Sse("never/:key", { method: "POST" })
    @Run({ ...common, restart: "never" })
    never(@Param("key") key: string, @Signal() signal: AbortSignal) {
      return produce(key, signal);
    }

    @Sse("on-error/:key", { method: "POST" })
    @Run({ ...common, restart: "on-error", maxAttempts: MOST_ATTEMPTS })
    onError(@Param("key") key: string, @Signal() signal: AbortSignal) {
      return produce(key, signal);
    }
  }
  return RunsController;
}

const commands = {
  async listen(options: RunsNodeOptions): Promise<number> {
    const { url, times, port = 0 } = options;
    await app.register(sluice, {
      retry: 20,
      logStreams: false,
      controllers: [controllerOf(options)],
      channels: { broker: new RedisBroker({ url, forgetAfter: times.keep }) },
      runs: { lease: times.lease },
    });
    await app.listen({ host: "127.0.0.1", port, backlog: 4_096 });
    return (app.server.address() as { port: number }).port;
  },
  cancel: (key: string): Promise<boolean> => runs.cancel(key),
  memory: (): Promise<Held> => heldNow(),
  async state(): Promise<RunsNodeState> {
    const connections = await countSockets(app);
    const { active } = channels;
    const list = runs.list();
    return { active, connections, runs: list, timers: timers.count(), rejections, peakMemory };
  },
  close: () => app.close(),
};

export type RunsNode = typeof commands;
answer(commands);
