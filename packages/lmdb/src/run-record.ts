import { Buffer } from "node:buffer";
import type { RunRecord } from "@sluice/core";

/** What is stored of a run: all but whether it is held, which ends with the process. */
export interface StoredRun extends Omit<RunRecord, "held"> {
  /**
   * Until when it is remembered, by the wall clock; undefined while it runs, unless nobody holds it and
   * nobody has ended it.
   */
  readonly until: number | undefined;
}

export function encodeRun(run: StoredRun): Buffer {
  return Buffer.from(JSON.stringify(run));
}

export function decodeRun(bytes: Buffer): StoredRun {
  const { attempt, channel, principal, note, state, started, finished, events, until } = JSON.parse(
    bytes.toString("utf8", 0, bytes.length),
  ) as StoredRun;
  return { attempt, channel, principal, note, state, started, finished, events, until };
}
