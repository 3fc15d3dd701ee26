import {
  type NewRun,
  type Renewal,
  type RunRecord,
  type RunState,
  type RunStore,
  SluiceError,
} from "@sluice/core";
import type { Connection } from "../connection.js";
import type { RedisBrokerError } from "../errors.js";
import type { RedisSettings } from "../options.js";
import { persistently } from "../persistently.js";
import { randomText } from "../random-text.js";
import type { Script } from "../script.js";
import { CLAIM, FIND, FINISH, RENEW, WATCH } from "./scripts.js";

/** How long a run is remembered that is not held any more and that nobody has ended, in milliseconds. */
const UNHELD = 3_600_000;

/** How long it is known of a run that is not remembered what became of it, for who asks again. */
const GONE = 60_000;

/** Runs as every process that uses the same servers knows them. Leases and times are by the servers' clocks. */
export class RedisRunStore implements RunStore {
  readonly #prefix: string;
  readonly #timeout: number;
  readonly #connectionOf: (key: string) => Connection;
  #closed = false;

  /** @param connectionOf - what leads to the server that a key belongs to */
  constructor(
    { prefix, commandTimeout }: Pick<RedisSettings, "prefix" | "commandTimeout">,
    connectionOf: (key: string) => Connection,
  ) {
    this.#prefix = prefix;
    this.#timeout = commandTimeout;
    this.#connectionOf = connectionOf;
  }

  /** @throws RedisBrokerError; SluiceError `ERR_BROKER_CLOSED` */
  async find(key: string): Promise<RunRecord | undefined> {
    const reply = (await this.#ask(FIND, key, [])) as readonly (string | number)[] | null;
    if (reply === null) return undefined;
    const [attempt, channel, principal, note, state, started, finished, events, held] = reply;
    return {
      attempt: String(attempt),
      channel: String(channel),
      principal: String(principal),
      note: String(note),
      state: state as RunState,
      started: Number(started),
      finished: finished === "" ? undefined : Number(finished),
      events: Number(events),
      held: held === 1,
    };
  }

  /** @throws SluiceError `ERR_NOT_STORED`, `ERR_OUTCOME_UNKNOWN`, `ERR_BROKER_CLOSED` */
  async claim(
    key: string,
    { attempt, channel, principal, note }: NewRun,
    after: string | undefined,
    lease: number,
  ): Promise<boolean> {
    const follows = after === undefined ? "" : `=${after}`;
    const times = [whole(lease), whole(lease + UNHELD)];
    const args = [attempt, channel, principal, follows, ...times, note];
    return this.#change("begun", CLAIM, key, args);
  }

  /** @throws RedisBrokerError; SluiceError `ERR_BROKER_CLOSED` */
  async renew(key: string, attempt: string, lease: number): Promise<Renewal> {
    const reply = await this.#ask(RENEW, key, [attempt, whole(lease), whole(lease + UNHELD)]);
    return { held: reply !== null, watched: reply === 1 };
  }

  /** @throws RedisBrokerError; SluiceError `ERR_BROKER_CLOSED` */
  async watch(key: string, attempt: string, lease: number): Promise<boolean> {
    return (await this.#ask(WATCH, key, [attempt, whole(lease)])) === 1;
  }

  /** @throws SluiceError `ERR_NOT_STORED`, `ERR_OUTCOME_UNKNOWN`, `ERR_BROKER_CLOSED` */
  async finish(
    key: string,
    attempt: string,
    { state, events }: Parameters<RunStore["finish"]>[2],
    keep: number,
  ): Promise<boolean> {
    const kept = keep > 0 ? whole(keep) : "0";
    const args = [attempt, state, String(events), kept, String(GONE), randomText(12)];
    return this.#change("ended", FINISH, key, args);
  }

  /** Refuses what comes from now on; what is being asked comes to its end. */
  close(): void {
    this.#closed = true;
  }

  /**
   * What is asked again because no answer came is recognised, and has the same answer.
   *
   * @param failed - called with each failure
   */
  async #ask(
    script: Script,
    key: string,
    args: readonly string[],
    failed = (_: RedisBrokerError): void => {},
  ): Promise<unknown> {
    this.#refuseClosed(key);
    const tag = `{${key.replaceAll(/[%{}]/g, encodeURIComponent)}}`;
    const keys = ["run", "run-lease", "run-watch"].map((kind) => `${this.#prefix}${kind}:${tag}`);
    const attempt = async (): Promise<unknown> => {
      try {
        return await this.#connectionOf(key).run(script, keys, args);
      } catch (error) {
        failed(error as RedisBrokerError);
        throw error;
      }
    };
    return persistently(attempt, this.#timeout, () => this.#closed);
  }

  async #change(
    what: "begun" | "ended",
    script: Script,
    key: string,
    args: readonly string[],
  ): Promise<boolean> {
    let mayBeStored = false;
    const failed = ({ code }: RedisBrokerError): void => {
      mayBeStored ||= code === "ERR_REDIS_DEADLINE";
    };
    try {
      return (await this.#ask(script, key, args, failed)) === 1;
    } catch (cause) {
      if (cause instanceof SluiceError) throw cause;
      throw mayBeStored ? unknown(what, key, cause) : notStored(what, key, cause);
    }
  }

  #refuseClosed(key: string): void {
    if (!this.#closed) return;
    throw new SluiceError(
      "ERR_BROKER_CLOSED",
      `The run of the key ${JSON.stringify(key)} can't be looked up any more: its broker is closed, as it is when the application ends.`,
    );
  }
}

function notStored(what: string, key: string, cause: unknown): SluiceError {
  return new SluiceError(
    "ERR_NOT_STORED",
    `The run of the key ${JSON.stringify(key)} was not ${what}: Redis could not be asked, or refused. Try again.`,
    { cause },
  );
}

function unknown(what: string, key: string, cause: unknown): SluiceError {
  return new SluiceError(
    "ERR_OUTCOME_UNKNOWN",
    `Nobody knows whether the run of the key ${JSON.stringify(key)} was ${what}: Redis got it and has not answered. Ask again for the same attempt.`,
    { cause },
  );
}

/** Milliseconds as Redis takes them: whole, and above 0. */
function whole(milliseconds: number): string {
  return String(Math.max(1, Math.ceil(milliseconds)));
}
