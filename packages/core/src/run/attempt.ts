import { randomUUID } from "node:crypto";
import { DEFAULT_KEEP, type RunSettings } from "./run-options.js";
import type { RunRecord, RunState } from "./run-store.js";

/** What there is to know of an attempt before it begins. */
export interface Attempt {
  /** Two processes that begin at once don't name theirs alike. */
  readonly name: string;
  /** How many there have been for its key, with this one, but for those that were refused. */
  readonly number: number;
  /** How many there may be. */
  readonly most: number;
  /** For how long it is kept after its end, in milliseconds. */
  readonly keep: number;
  /** The channel of the attempt that this one may go on from, if any. */
  readonly from: string | undefined;
  /** It was never to begin: it only says that the key's run was cancelled when that had failed. */
  readonly isSeal: boolean;
}

type Bounds = Pick<RunSettings, "keep" | "maxAttempts">;

/** @param before - the attempt that it follows */
export function nextAttempt(
  before: RunRecord | undefined,
  { keep, maxAttempts: most }: Bounds,
): Attempt {
  const fresh = { name: randomUUID(), number: 1, most, keep, from: undefined, isSeal: false };
  if (before === undefined) return fresh;
  const { number, from } = attemptOf(before);
  return before.state === "refused"
    ? { ...fresh, number, from }
    : { ...fresh, number: number + 1, from: before.channel };
}

/** An attempt that only says that nobody wants what has failed. */
export function sealOf(before: RunRecord): Attempt {
  const { keep } = attemptOf(before);
  return { ...nextAttempt(before, { keep, maxAttempts: 1 }), isSeal: true };
}

/** What is stored of it as the note of its record. */
export function noteOf({ number, most, keep, from, isSeal }: Attempt): string {
  return JSON.stringify({ number, most, keep, from, isSeal });
}

export function attemptOf({ attempt: name, note }: RunRecord): Attempt {
  const noted = JSON.parse(note || "{}") as Partial<Attempt>;
  const { number = 1, most = 1, keep = DEFAULT_KEEP, from, isSeal = false } = noted;
  return { name, number, most, keep, from, isSeal };
}

/** Whether another one may follow it, if it has failed so, or may yet. Who was refused may try again. */
export function mayFollow({ number, most }: Attempt, state: RunState): boolean {
  return state === "refused" ? most > 1 : number < most;
}
