import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { compile } from "./compile.js";

/** What every scenario tells. Times are nanoseconds. */
export interface LoadBase {
  readonly connections: number;
  /** Connections whose head had come before the measurement began. */
  readonly heads: number;
  /** Connections that the server ended. */
  readonly ended: number;
  /** Delivered, of all connections. */
  readonly events: number;
  /** Never came. */
  readonly lost: number;
  /** Came again. */
  readonly doubled: number;
  /** Came after a later one. */
  readonly disordered: number;
  readonly serverCpu: number;
  readonly clientCpu: number;
  readonly elapsed: number;
  /** `clientCpu / elapsed`: near 1 the client was the bottleneck. */
  readonly clientBusy: number;
  /** Bytes received. */
  readonly bytes: number;
  /** Calls of `read`. */
  readonly reads: number;
}

/** Nanoseconds. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** What each scenario tells. */
export interface LoadResults {
  readonly fan: LoadBase & { readonly latency: Latency };
  readonly idle: LoadBase & {
    readonly rssBefore: number;
    readonly rssAfter: number;
    readonly comments: number;
  };
  readonly open: LoadBase & { readonly latency: Latency };
  readonly replay: LoadBase & {
    /** From the request to the last event. */
    readonly times: readonly number[];
  };
  readonly stall: LoadBase & {
    readonly rssBefore: number;
    readonly rssPeak: number;
    /** Of the stalled ones, how many the server closed. */
    readonly stalledClosed: number;
    /** Of `/stats`, after all have left; null where the server has no such number. */
    readonly live: number | null;
  };
  readonly leave: LoadBase & {
    /** Of `/stats`, at the last look; null where the server did not tell. */
    readonly live: number | null;
  };
}

/** The scenarios of the load client; the README says what each does. */
export type Scenario = keyof LoadResults;

/** The server that is measured. */
export interface LoadTarget {
  readonly port: number;
  readonly control: number;
  readonly pid: number;
  /** Whether its children's processor time and memory count as well. */
  readonly children?: boolean;
}

interface CommonOptions extends LoadTarget {
  readonly path?: string;
  /** Milliseconds that each phase may take. @defaultValue 60000 */
  readonly timeout?: number;
}

/** What each scenario may be told. Times are milliseconds. */
export interface LoadOptions {
  readonly fan: CommonOptions & {
    readonly connections: number;
    readonly post: string;
    /** Events for each connection. */
    readonly expect: number;
    readonly channels?: number;
    readonly settle?: number;
  };
  readonly idle: CommonOptions & {
    readonly connections: number;
    readonly hold: number;
    readonly settle?: number;
  };
  readonly open: CommonOptions & {
    readonly connections: number;
    readonly concurrency?: number;
    readonly settle?: number;
  };
  readonly replay: CommonOptions & {
    readonly expect: number;
    readonly times?: number;
    /** Of an event in the history, which is left as it is; else the client fills it. */
    readonly lastEventId?: string;
  };
  readonly stall: CommonOptions & {
    readonly post: string;
    readonly expect: number;
    readonly stalled?: number;
    readonly readers?: number;
    readonly settle?: number;
  };
  readonly leave: CommonOptions & { readonly connections: number };
}

/** The command line of the load client, behind its name. */
export function loadArguments<S extends Scenario>(scenario: S, options: LoadOptions[S]): string[] {
  const words: string[] = [scenario];
  for (const [name, value] of Object.entries(options) as [string, string | number | boolean][]) {
    const option = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    if (value === true) words.push(option);
    else if (value !== false) words.push(option, String(value));
  }
  return words;
}

/**
 * Runs the load client, which is compiled first if need be.
 *
 * @throws Error where it could not measure: the server can't be reached, answers with a status other than 200,
 *   or takes longer than the timeout to let clients in. That it loses events is a result.
 */
export async function runLoad<S extends Scenario>(
  scenario: S,
  options: LoadOptions[S],
): Promise<LoadResults[S]> {
  const program = await compile("load");
  try {
    const { stdout } = await promisify(execFile)(program, loadArguments(scenario, options));
    return JSON.parse(stdout) as LoadResults[S];
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim();
    throw new Error(`load ${scenario}: ${said || String(error)}`, { cause: error });
  }
}
