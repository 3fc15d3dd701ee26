import { type Duration, SluiceError, toMilliseconds } from "@sluice/core";

/** What `new LmdbBroker` takes. */
export interface LmdbBrokerOptions {
  /** The folder that the history lives in. It is made if it is not there, and belongs to one process. */
  readonly path: string;
  /**
   * Whether each commit is flushed to the disk before it counts as stored. With it a power cut loses
   * nothing that was stored; without it a power cut loses the whole history, which clients are told.
   * Killing the process loses nothing either way.
   * @defaultValue false
   */
  readonly sync?: boolean;
  /**
   * How long a channel is remembered at least after its last event and its last follower, even if it
   * has no history, so that those who have missed nothing go on without a reset.
   * @defaultValue `"1h"`
   */
  readonly forgetAfter?: Duration;
}

export interface LmdbSettings {
  readonly path: string;
  readonly sync: boolean;
  /** In milliseconds. */
  readonly forgetAfter: number;
}

const KNOWN: readonly string[] = ["path", "sync", "forgetAfter"];

/** @throws SluiceError `ERR_OPTION`, `ERR_DURATION` */
export function readOptions(options: LmdbBrokerOptions): LmdbSettings {
  if (typeof options !== "object" || options === null) {
    throw invalid('takes an object, such as { path: "data/history" }');
  }
  const unknown = Object.keys(options).find((name) => !KNOWN.includes(name));
  if (unknown !== undefined) {
    throw invalid(`has no option ${JSON.stringify(unknown)}; it has ${KNOWN.join(", ")}`);
  }
  const { path, sync = false, forgetAfter = "1h" } = options;
  if (typeof path !== "string" || path === "" || path.includes("\0")) {
    throw invalid('needs the path of a folder for the history, such as { path: "data/history" }');
  }
  if (typeof sync !== "boolean") throw invalid("takes true or false for sync");
  return { path, sync, forgetAfter: toMilliseconds(forgetAfter, "LmdbBroker: forgetAfter") };
}

function invalid(what: string): SluiceError {
  return new SluiceError("ERR_OPTION", `LmdbBroker ${what}.`);
}
