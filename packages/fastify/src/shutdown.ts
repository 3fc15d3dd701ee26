import { setTimeout as delay } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import { Http2Sessions } from "./http2-sessions.js";
import type { Registry } from "./registry.js";
import { UnusedSockets } from "./unused-sockets.js";

type Server = FastifyInstance["server"];

/** How long the ends of streams are spread over: for each stream, in milliseconds, and at most this part of the window. */
const PER_CONNECTION = 1;
const SPREAD = 0.8;

/** For which part of the window runs may go on, which end for their listeners too. */
const RUNS_FINISH_WITHIN = 0.5;

/** The streams of one plugin registration, and how they end. */
export interface Drained {
  readonly registry: Registry;
  /** How long it may take, in milliseconds. */
  readonly window: number;
  /** Called, and waited for within the window, before the first of them ends. */
  readonly onDrain: () => Promise<void>;
  /** Lets runs come to their end within a time, in milliseconds, and ends the rest. */
  readonly finishRuns: ((within: number) => Promise<void>) | undefined;
}

/** One for each server: the plugin may be registered several times, and all of it drains at once. */
const shutdowns = new WeakMap<Server, Shutdown>();

/**
 * Ends every stream of a server because it closes, and when the window is over whatever else still
 * holds it: a request that is half sent, one whose handler never answers.
 */
export class Shutdown {
  readonly #server: Server;
  readonly #sessions: Http2Sessions;
  readonly #unused: UnusedSockets;
  readonly #drained: Drained[] = [];
  #running: Promise<void> | undefined;

  private constructor(server: Server) {
    this.#server = server;
    this.#sessions = new Http2Sessions(server);
    this.#unused = new UnusedSockets(server);
  }

  static of(server: Server): Shutdown {
    let shutdown = shutdowns.get(server);
    if (shutdown === undefined) shutdowns.set(server, (shutdown = new Shutdown(server)));
    return shutdown;
  }

  add(drained: Drained): void {
    this.#drained.push(drained);
  }

  /** Resolves when no stream is left, within the window. A second call waits for the first. */
  run(): Promise<void> {
    return (this.#running ??= this.#run());
  }

  async #run(): Promise<void> {
    const began = performance.now();
    await Promise.all(this.#drained.map(drain));
    this.#sessions.close();
    this.#unused.close();
    const longest = Math.max(...this.#drained.map(({ window }) => window));
    const left = Math.max(0, began + longest - performance.now());
    const timer = setTimeout(() => this.#cutAll(), left).unref();
    this.#server.once("close", () => clearTimeout(timer));
  }

  #cutAll(): void {
    this.#sessions.destroy();
    // A server of HTTP/2 has no such method.
    (this.#server as Partial<Pick<Server, "closeAllConnections">>).closeAllConnections?.();
  }
}

/**
 * Ends the streams, each at a moment of its own, so that their clients don't come back together; what
 * has not got out when the window is over is cut off.
 */
async function drain({ registry, window, onDrain, finishRuns }: Drained): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  const end = delay(window, undefined, { signal }).catch(() => {});
  registry.drain(window);
  const finishing = finishRuns?.(window * RUNS_FINISH_WITHIN);
  await Promise.race([Promise.all([onDrain(), finishing]), end]);
  const live = [...registry.live];
  const spread = Math.min(window * SPREAD, live.length * PER_CONNECTION);
  for (const connection of live) {
    setTimeout(() => {
      if (connection.isOpen) connection.end("shutdown", registry.farewell());
    }, Math.random() * spread);
  }
  await Promise.race([registry.idle(), end]);
  over.abort();
  for (const connection of registry.live) connection.destroy("shutdown");
  for (const response of registry.finishing) response.destroy();
}
