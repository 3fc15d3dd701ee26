import { type Duration, SluiceError, toMilliseconds } from "@sluice/core";
import type { RedisClientOptions } from "@redis/client";

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
  readonly client?: Omit<RedisClientOptions, "url">;
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
  readonly client: Omit<RedisClientOptions, "url">;
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
  if (typeof options !== "object" || options === null) {
    throw invalid('takes an object, such as { url: "redis://localhost:6379" }');
  }
  const unknown = Object.keys(options).find((name) => !KNOWN.includes(name));
  if (unknown !== undefined) {
    throw invalid(`has no option ${JSON.stringify(unknown)}; it has ${KNOWN.join(", ")}`);
  }
  const { url, prefix = "sluice:", whenUnreachable = "refuse", client = {} } = options;
  if (typeof url !== "string" || !/^rediss?:\/\//.test(url) || !URL.canParse(url)) {
    throw invalid("needs the url of one server, such as redis://localhost:6379");
  }
  if (typeof prefix !== "string") throw invalid("takes a string for prefix");
  if (!["refuse", "admit"].includes(whenUnreachable)) {
    throw invalid('takes "refuse" or "admit" for whenUnreachable');
  }
  const { maxRevocations = 10_000 } = options;
  if (!Number.isSafeInteger(maxRevocations) || maxRevocations <= 0) {
    throw invalid("takes a whole number above 0 for maxRevocations");
  }
  return {
    url,
    prefix,
    admits: whenUnreachable === "admit",
    maxRevocations,
    client,
    commandTimeout: time(options, "commandTimeout", "2s"),
    checkInterval: time(options, "checkInterval", "800ms"),
    countInterval: time(options, "countInterval", "5s"),
  };
}

function time(
  options: RedisNodesOptions,
  name: "commandTimeout" | "checkInterval" | "countInterval",
  otherwise: Duration,
): number {
  const milliseconds = toMilliseconds(options[name] ?? otherwise, `RedisNodes: ${name}`);
  if (milliseconds === 0) throw invalid(`takes more than 0 for ${name}`);
  return milliseconds;
}

function invalid(what: string): SluiceError {
  return new SluiceError("ERR_OPTION", `RedisNodes ${what}.`);
}
