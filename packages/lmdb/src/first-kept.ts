import type { Buffer } from "node:buffer";
import type { LogRecord } from "./log-record.js";
import { bytesBefore, timeOf } from "./stored-entry.js";

/**
 * The count of the first entry that is within the bounds; that of the next entry where none is.
 *
 * All three bounds only ever exclude what is older, so it is found by bisection: whatever the history
 * holds, it takes a few look-ups. Mostly one or two, as the next to go is looked at first.
 *
 * @param entryAt - reads a stored entry by its count
 */
export function firstKept(
  record: LogRecord,
  now: number,
  entryAt: (count: number) => Buffer | undefined,
): number {
  const { first, end, ended, sum, bounds } = record;
  const oldest = now - bounds.age;

  const exceeds = (count: number): boolean => {
    const entry = entryAt(count);
    if (entry === undefined || timeOf(entry) <= oldest) return true;
    // The end is kept for its time, whatever the other bounds are: it is told to those who come later.
    if (ended !== undefined && count === end - 1) return false;
    return end - count > bounds.count || sum - bytesBefore(entry) > bounds.bytes;
  };

  if (first === end || !exceeds(first)) return first;
  let exceeding = first;
  let step = 1;
  while (exceeding + step < end && exceeds(exceeding + step)) {
    exceeding += step;
    step *= 2;
  }
  let kept = Math.min(exceeding + step, end);
  while (kept - exceeding > 1) {
    const middle = Math.floor((exceeding + kept) / 2);
    if (exceeds(middle)) exceeding = middle;
    else kept = middle;
  }
  return kept;
}
