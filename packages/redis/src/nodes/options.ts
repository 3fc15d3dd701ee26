import type { Duration } from "@sluice/core";
import type { ClientOptions } from "../link.js";
import { isRedisUrl, OptionReader } from "../option-reader.js";

/** What `new RedisNodes` takes. */
export interface RedisNodesOptions {
  /** The server, as `redis[s]://[[user][:password]@]host[:port][/database]`. */
  readonly url: string;
  /**
   * What the names of all keys and of the pub/sub channel begin with.
   * @defaultValue `"sluice:"`
   */
  readonly prefix?: string;
  /**
   * How long a command may take before it counts as failed, and its connection as dead. A connection waits at most
   * for two of them before it is refused.
   * @defaultValue `"2s"`
   */
  readonly commandTimeout?: Duration;
  /**
   * What becomes of connections while Redis can't be asked: `"refuse"` answers 503 with a `Retry-After`, `"admit"`
   * lets in whom no revocation meets that this process knows already.
   * @defaultValue `"refuse"`
   */
  readonly whenUnreachable?: "refuse" | "admit";
  /**
   * How often it is asked for revocations that pub/sub did not tell, at least; half of it at most.
   * @defaultValue `"800ms"`
   */
  readonly checkInterval?: Duration;
  /**
   * How often the counts are told, which are forgotten when they have not been told for three times as long.
   * @defaultValue `"5s"`
   */
  readonly countInterval?: Duration;
  /**
   * How many revocations may be in force at once; more are refused. All nodes should say the same.
   * @defaultValue 10,000
   */
  readonly maxRevocations?: number;
  /** What else the client of Redis takes: TLS, credentials, a name. */
  readonly client?: ClientOptions;
}

export interface NodesSettings {
  readonly url: string;
  readonly prefix: string;
  /** In milliseconds, like the others. */
  readonly commandTimeout: number;
  readonly checkInterval: number;
  readonly countInterval: number;
  readonly admits: boolean;
  readonly maxRevocations: number;
  readonly client: ClientOptions;
}

const KNOWN: readonly string[] = [
  "url",
  "prefix",
  "commandTimeout",
  "whenUnreachable",
  "checkInterval",
  "countInterval",
  "maxRevocations",
  "client",
] satisfies (keyof RedisNodesOptions)[];

/** @throws SluiceError `ERR_OPTION`, `ERR_DURATION` */
export function readNodesOptions(options: RedisNodesOptions): NodesSettings {
  const reader = new OptionReader("RedisNodes", options, KNOWN);
  const { url, whenUnreachable = "refuse", client = {} } = options;
  if (!isRedisUrl(url)) {
    throw reader.refusal("needs the url of one server, such as redis://localhost:6379");
  }
  if (!["refuse", "admit"].includes(whenUnreachable)) {
    throw reader.refusal('takes "refuse" or "admit" for whenUnreachable');
  }
  reader.usable(url, client);
  return {
    url,
    client,
    prefix: reader.text("prefix", "sluice:"),
    admits: whenUnreachable === "admit",
    maxRevocations: reader.whole("maxRevocations", 10_000),
    commandTimeout: reader.time("commandTimeout", "2s"),
    checkInterval: reader.time("checkInterval", "800ms"),
    countInterval: reader.time("countInterval", "5s"),
  };
}
