import { setTimeout as delay } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import { Http2Sessions } from "./http2-sessions.js";
import type { Registry } from "./registry.js";
import { UnusedSockets } from "./unused-sockets.js";

type Server = FastifyInstance["server"];

/** One for each server: the plugin may be registered several times, and all of it drains at once. */
const shutdowns = new WeakMap<Server, Shutdown>();

/** Ends every stream of a server because it closes. */
export class Shutdown {
  readonly #sessions: Http2Sessions;
  readonly #unused: UnusedSockets;
  readonly #windows = new Map<Registry, number>();
  #running: Promise<void> | undefined;

  private constructor(server: Server) {
    this.#sessions = new Http2Sessions(server);
    this.#unused = new UnusedSockets(server);
  }

  static of(server: Server): Shutdown {
    let shutdown = shutdowns.get(server);
    if (shutdown === undefined) shutdowns.set(server, (shutdown = new Shutdown(server)));
    return shutdown;
  }

  /** @param window - how long the responses may take to get out, in milliseconds; then they are cut off */
  add(registry: Registry, window: number): void {
    this.#windows.set(registry, window);
  }

  /** Resolves when no stream is left. A second call waits for the first. */
  run(): Promise<void> {
    return (this.#running ??= this.#run());
  }

  async #run(): Promise<void> {
    await Promise.all([...this.#windows].map(([registry, window]) => drain(registry, window)));
    this.#sessions.close();
    this.#unused.close();
  }
}

async function drain(registry: Registry, window: number): Promise<void> {
  registry.drain(window);
  for (const connection of registry.live)
    if (connection.isOpen) connection.end("shutdown", registry.farewell());
  const gone = new AbortController();
  await Promise.race([
    registry.idle(),
    delay(window, undefined, { signal: gone.signal }).catch(() => {}),
  ]);
  gone.abort();
  for (const connection of registry.live) connection.destroy("shutdown");
  for (const response of registry.finishing) response.destroy();
}
