import { hostname } from "node:os";
import { type Duration, SluiceError, toMilliseconds } from "@sluice/core";

/** How the demo server is set up. All of it comes from the environment. */
export interface DemoConfig {
  /** The TCP port; 0 lets the system choose a free one. `PORT`. @defaultValue 3000 */
  readonly port: number;
  /**
   * The name or address to listen on. `HOST`. @defaultValue `localhost`
   *
   * The demo has no accounts and lets anyone publish, so that it must not be open to the network
   * unasked: `localhost` listens on the loopback addresses alone, IPv4 and IPv6, whichever of the
   * two a browser tries first. In a container, set `0.0.0.0`.
   */
  readonly host: string;
  /** How long browsers wait before they reconnect, in milliseconds. `SSE_RETRY_TIMEOUT`. @defaultValue 3000 */
  readonly retry: number;
  /** After how much silence a comment keeps the connection open, in milliseconds. `KEEP_ALIVE`. @defaultValue 15000 */
  readonly keepAlive: number;
  /** How many tokens a second the model of the chat writes. `TOKENS_PER_SECOND`. @defaultValue 20 */
  readonly tokenRate: number;
  /**
   * The folder in which the channels' history survives a restart, for this process alone.
   * `HISTORY_PATH`. @defaultValue none: the history is in memory
   */
  readonly history: string | undefined;
  /**
   * The Redis that several nodes share. `REDIS_URL`.
   * @defaultValue none: this process is alone
   */
  readonly redis: string | undefined;
  /** What this node is called among several. `NODE_NAME`. @defaultValue the host's name and the process's id */
  readonly node: string;
  /** Whether the page may kill nodes. `NODES_MAY_BE_KILLED`, which `npm run nodes` sets. @defaultValue false */
  readonly mayBeKilled: boolean;
}

/** A variable of the environment that can't be used. Its message is one sentence for the operator. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  constructor(
    readonly variable: string,
    readonly value: string,
    readonly expected: string,
  ) {
    super(`${variable} is ${JSON.stringify(value)}, but must be ${expected}.`);
  }
}

/**
 * Reads the configuration.
 *
 * @param env - the variables, as `process.env` has them; an empty one counts as not set
 * @throws ConfigError for the first variable that can't be used
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): DemoConfig {
  return {
    port: wholeNumber(env, "PORT", { fallback: 3000, max: 65_535, unit: "" }),
    host: hostName(env, "HOST", "localhost"),
    retry: wholeNumber(env, "SSE_RETRY_TIMEOUT", {
      fallback: 3000,
      max: 2_147_483_647,
      unit: " of milliseconds",
    }),
    keepAlive: duration(env, "KEEP_ALIVE", 15_000),
    tokenRate: wholeNumber(env, "TOKENS_PER_SECOND", { fallback: 20, min: 1, max: 1000, unit: "" }),
    history: folder(env, "HISTORY_PATH"),
    redis: redisUrl(env, "REDIS_URL"),
    node: nodeName(env, "NODE_NAME"),
    mayBeKilled: oneOrNone(env, "NODES_MAY_BE_KILLED"),
  };
}

type Env = Readonly<Record<string, string | undefined>>;

function read(env: Env, variable: string): string | undefined {
  const value = env[variable]?.trim();
  return value === "" ? undefined : value;
}

function wholeNumber(
  env: Env,
  variable: string,
  rule: {
    readonly fallback: number;
    readonly min?: number;
    readonly max: number;
    readonly unit: string;
  },
): number {
  const value = read(env, variable);
  if (value === undefined) return rule.fallback;
  const { min = 0, max, unit } = rule;
  const number = Number(value);
  // Number() reads "1e3" and "0x10" as well: only digits are meant here.
  if (!/^\d{1,10}$/.test(value) || number < min || number > max) {
    throw new ConfigError(variable, value, `a whole number${unit} from ${min} to ${max}`);
  }
  return number;
}

function hostName(env: Env, variable: string, fallback: string): string {
  const value = read(env, variable);
  if (value === undefined) return fallback;
  if (!/^[\w.:%-]+$/.test(value)) {
    throw new ConfigError(variable, value, "a host name or an address, without a scheme or a path");
  }
  return value;
}

function folder(env: Env, variable: string): string | undefined {
  const value = read(env, variable);
  if (value === undefined) return undefined;
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(value)) {
    throw new ConfigError(variable, value, "the path of a folder, without a scheme");
  }
  if (read(env, "REDIS_URL") !== undefined) {
    const expected = "left out where REDIS_URL is set: Redis has the history then, of all nodes";
    throw new ConfigError(variable, value, expected);
  }
  return value;
}

function redisUrl(env: Env, variable: string): string | undefined {
  const value = read(env, variable);
  if (value === undefined) return undefined;
  if (!/^rediss?:\/\//.test(value) || !URL.canParse(value)) {
    // It may have a password, and this goes to a log.
    const shown = value.replace(/\/\/[^/]*@/, "//***@");
    throw new ConfigError(variable, shown, "an address such as redis://localhost:6379");
  }
  return value;
}

function nodeName(env: Env, variable: string): string {
  const value = read(env, variable);
  if (value === undefined) return `${hostname()}-${process.pid}`;
  if (!/^[\w.-]{1,40}$/.test(value)) {
    throw new ConfigError(
      variable,
      value,
      "1 to 40 letters, digits, dots, hyphens and underscores",
    );
  }
  return value;
}

function oneOrNone(env: Env, variable: string): boolean {
  const value = read(env, variable);
  if (value !== undefined && value !== "1") {
    throw new ConfigError(variable, value, "1, or left out");
  }
  return value === "1";
}

function duration(env: Env, variable: string, fallback: number): number {
  const value = read(env, variable);
  if (value === undefined) return fallback;
  const expected =
    'a time above zero: milliseconds, or a number with a unit, such as "15s" or "10m"';
  const milliseconds = parseDuration(value);
  if (milliseconds === undefined || milliseconds === 0) {
    throw new ConfigError(variable, value, expected);
  }
  return milliseconds;
}

function parseDuration(value: string): number | undefined {
  try {
    const duration = /^\d+$/.test(value) ? Number(value) : (value as Duration);
    return toMilliseconds(duration, "The duration");
  } catch (error) {
    if (error instanceof SluiceError) return undefined;
    throw error;
  }
}
