import type { Duration } from "@sluice/core";
import type { ClientOptions } from "./link.js";
import { isRedisUrl, OptionReader } from "./option-reader.js";

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
  readonly client?: ClientOptions;
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
  readonly client: ClientOptions;
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
  const reader = new OptionReader("RedisBroker", options, KNOWN_OPTIONS);
  const { url, client = {} } = options;
  const urls: unknown = typeof url === "string" ? [url] : url;
  if (!isListOfUrls(urls)) {
    throw reader.refusal("needs the url of one or more servers, such as redis://localhost:6379");
  }
  if (new Set(urls).size < urls.length) throw reader.refusal("names a server twice in url");
  for (const each of urls) reader.usable(each, client);
  return {
    urls,
    client,
    prefix: reader.text("prefix", "sluice:"),
    maxQueuedBytes: reader.whole("maxQueuedBytes", 16_777_216, " of bytes"),
    commandTimeout: reader.time("commandTimeout", "2s"),
    publishTimeout: reader.time("publishTimeout", "10s"),
    checkInterval: reader.time("checkInterval", "20s"),
    forgetAfter: reader.time("forgetAfter", "1h"),
  };
}

function isListOfUrls(urls: unknown): urls is readonly string[] {
  return Array.isArray(urls) && urls.length > 0 && urls.every(isRedisUrl);
}
