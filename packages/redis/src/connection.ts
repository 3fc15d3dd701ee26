import { once } from "node:events";
import {
  ClientOfflineError,
  createClient,
  ErrorReply,
  type RedisClientOptions,
} from "@redis/client";
import { RedisBrokerError } from "./errors.js";
import type { Script } from "./scripts.js";

export type Client = ReturnType<typeof createClient>;

/** How long to wait between attempts to connect, in milliseconds. */
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 2_000;

/** Makes a client that comes back by itself, and never keeps a command for later. */
export function newClient(url: string, options: Omit<RedisClientOptions, "url">): Client {
  const client = createClient({
    ...options,
    url,
    disableOfflineQueue: true,
    socket: {
      ...options.socket,
      // Spread, since every process has lost it at the same moment.
      reconnectStrategy: (retries: number) =>
        Math.min(FIRST_PAUSE * 2 ** retries, LONGEST_PAUSE) * (0.5 + Math.random() / 2),
    } as NonNullable<RedisClientOptions["socket"]>,
  });
  // What goes wrong is told by the commands that it breaks.
  client.on("error", () => {});
  return client;
}

/** A connection for commands, each of which has a deadline. */
export class Connection {
  readonly #url: string;
  readonly #options: Omit<RedisClientOptions, "url">;
  readonly #timeout: number;
  #client: Client | undefined;
  #readiness: Promise<void> | undefined;
  #closed = false;

  /** @param timeout - in milliseconds */
  constructor(url: string, options: Omit<RedisClientOptions, "url">, timeout: number) {
    this.#url = url;
    this.#options = options;
    this.#timeout = timeout;
  }

  /**
   * Runs a script.
   *
   * @throws RedisBrokerError ERR_REDIS_OFFLINE when it was certainly not run; ERR_REDIS_REPLY when the server refused
   *   it, so that it changed nothing; ERR_REDIS_DEADLINE when nobody knows
   */
  async run(
    { sha, source }: Script,
    keys: readonly string[],
    args: readonly string[],
  ): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...args];
    try {
      return await this.#send(["EVALSHA", sha, ...rest]);
    } catch (error) {
      if (!(error instanceof RedisBrokerError && isUnknownScript(error.cause))) throw error;
      return this.#send(["EVAL", source, ...rest]);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const client = this.#client;
    this.#client = undefined;
    if (client?.isReady === true) await client.close().catch(() => {});
    else if (client !== undefined) client.destroy();
  }

  async #send(command: readonly string[]): Promise<unknown> {
    const client = this.#open();
    if (!client.isReady) await (this.#readiness ??= this.#becomeReady(client));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        // Its later answers, and what it has not sent, are nobody's any more.
        this.#renew(client);
        const message = `Redis gave no answer within ${this.#timeout} ms.`;
        reject(new RedisBrokerError("ERR_REDIS_DEADLINE", message));
      }, this.#timeout);
      client
        .sendCommand(command as string[])
        .then(resolve, (cause: unknown) => reject(toFailure(cause)))
        .finally(() => clearTimeout(timer));
    });
  }

  #open(): Client {
    if (this.#closed) throw new RedisBrokerError("ERR_REDIS_OFFLINE", "The broker is closed.");
    if (this.#client === undefined) {
      this.#client = newClient(this.#url, this.#options);
      this.#client.connect().catch(() => {});
    }
    return this.#client;
  }

  async #becomeReady(client: Client): Promise<void> {
    try {
      await once(client, "ready", { signal: AbortSignal.timeout(this.#timeout) });
    } catch (cause) {
      const message = `There was no connection to Redis for ${this.#timeout} ms.`;
      throw new RedisBrokerError("ERR_REDIS_OFFLINE", message, { cause });
    } finally {
      this.#readiness = undefined;
    }
  }

  #renew(client: Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    client.destroy();
    if (!this.#closed) this.#open();
  }
}

function toFailure(cause: unknown): RedisBrokerError {
  if (cause instanceof ErrorReply) {
    return new RedisBrokerError("ERR_REDIS_REPLY", `Redis refused: ${cause.message}`, { cause });
  }
  if (cause instanceof ClientOfflineError) {
    return new RedisBrokerError("ERR_REDIS_OFFLINE", "There is no connection to Redis.", { cause });
  }
  return new RedisBrokerError("ERR_REDIS_DEADLINE", "The connection to Redis was lost.", { cause });
}

function isUnknownScript(cause: unknown): boolean {
  return cause instanceof ErrorReply && cause.message.startsWith("NOSCRIPT");
}
