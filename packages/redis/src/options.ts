import { type Duration, SluiceError, toMilliseconds } from "@sluice/core";
import type { RedisClientOptions } from "@redis/client";
import { type ClientOptions, newClient } from "./link.js";

/** What `new RedisBroker` takes. */
export interface RedisBrokerOptions {
  /**
   * The server, as `redis[s]://[[user][:password]@]host[:port][/database]`, or several: each channel lives on one of
   * them, by its name. Every process has to be given the same ones, in the same order.
   */
  readonly url: string | readonly string[];
  /**
   * What the names of all keys and of the pub/sub channels begin with.
   * @defaultValue `"sluice:"`
   */
  readonly prefix?: string;
  /**
   * How long a command may take before it counts as failed, and its connection as dead.
   * @defaultValue `"2s"`
   */
  readonly commandTimeout?: Duration;
  /**
   * How long publishing tries before it fails.
   * @defaultValue `"10s"`
   */
  readonly publishTimeout?: Duration;
  /**
   * How often a channel that is followed is compared with what is stored, at least; half of it at most.
   * @defaultValue `"20s"`
   */
  readonly checkInterval?: Duration;
  /**
   * How long a channel is remembered at least after its last event and its last follower, even if it has no history,
   * so that those who have missed nothing go on without a reset.
   * @defaultValue `"1h"`
   */
  readonly forgetAfter?: Duration;
  /**
   * How many bytes of events may wait for the server, 512 for each beside its text; what is published beyond it is
   * not stored.
   * @defaultValue 16,777,216
   */
  readonly maxQueuedBytes?: number;
  /** What else the client of Redis takes: TLS, credentials, a name. */
  readonly client?: Omit<RedisClientOptions, "url">;
}

export interface RedisSettings {
  readonly urls: readonly string[];
  readonly prefix: string;
  /** In milliseconds, like the others. */
  readonly commandTimeout: number;
  readonly publishTimeout: number;
  readonly checkInterval: number;
  readonly forgetAfter: number;
  readonly maxQueuedBytes: number;
  readonly client: Omit<RedisClientOptions, "url">;
}

/** The names of all options. */
export const KNOWN_OPTIONS: readonly string[] = [
  "url",
  "prefix",
  "commandTimeout",
  "publishTimeout",
  "checkInterval",
  "forgetAfter",
  "maxQueuedBytes",
  "client",
];

/** @throws SluiceError `ERR_OPTION`, `ERR_DURATION` */
export function readOptions(options: RedisBrokerOptions): RedisSettings {
  if (typeof options !== "object" || options === null) {
    throw invalid('takes an object, such as { url: "redis://localhost:6379" }');
  }
  const unknown = Object.keys(options).find((name) => !KNOWN_OPTIONS.includes(name));
  if (unknown !== undefined) {
    throw invalid(`has no option ${JSON.stringify(unknown)}; it has ${KNOWN_OPTIONS.join(", ")}`);
  }
  const { url, prefix = "sluice:", maxQueuedBytes = 16_777_216, client = {} } = options;
  const urls: unknown = typeof url === "string" ? [url] : url;
  if (!isListOfUrls(urls)) {
    throw invalid("needs the url of one or more servers, such as redis://localhost:6379");
  }
  if (new Set(urls).size < urls.length) throw invalid("names a server twice in url");
  if (typeof prefix !== "string") throw invalid("takes a string for prefix");
  if (!Number.isSafeInteger(maxQueuedBytes) || maxQueuedBytes <= 0) {
    throw invalid("takes a whole number of bytes above 0 for maxQueuedBytes");
  }
  for (const each of urls) refuseUnusable(each, client);
  return {
    urls,
    prefix,
    maxQueuedBytes,
    client,
    commandTimeout: time(options, "commandTimeout", "2s"),
    publishTimeout: time(options, "publishTimeout", "10s"),
    checkInterval: time(options, "checkInterval", "20s"),
    forgetAfter: time(options, "forgetAfter", "1h"),
  };
}

function time(
  options: RedisBrokerOptions,
  name: "commandTimeout" | "publishTimeout" | "checkInterval" | "forgetAfter",
  otherwise: Duration,
): number {
  const milliseconds = toMilliseconds(options[name] ?? otherwise, `RedisBroker: ${name}`);
  if (milliseconds === 0) throw invalid(`takes more than 0 for ${name}`);
  return milliseconds;
}

function isListOfUrls(urls: unknown): urls is readonly string[] {
  return Array.isArray(urls) && urls.length > 0 && urls.every(isRedisUrl);
}

function isRedisUrl(url: unknown): boolean {
  return typeof url === "string" && /^rediss?:\/\/[^/]/.test(url) && URL.canParse(url);
}

/** Here, and not when it is first used: what the client refuses will never work. */
function refuseUnusable(url: string, client: ClientOptions): void {
  try {
    newClient(url, client).destroy();
  } catch (error) {
    // Its messages may hold the url, and the url a password.
    const message = error instanceof Error ? error.message.replaceAll(url, "url") : "";
    throw invalid(`can't be used with such options of the client: ${message}`);
  }
}

function invalid(what: string): SluiceError {
  return new SluiceError("ERR_OPTION", `RedisBroker ${what}.`);
}
