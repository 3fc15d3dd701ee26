/**
 * A place in a channel: the native id of a stream's entry, which Redis never gives out twice, and the epoch, which is
 * new for each history. After a failover that lost entries the ids go on, under the same epoch; it is their links
 * that show what is missing.
 */
export interface Place {
  /** As Redis writes it: milliseconds and a sequence number. */
  readonly native: string;
  readonly epoch: string;
}

/** Before the first entry of a history. */
export const START = "0-0";

export const EPOCH_LENGTH = 5;

// In base 36, so that it stays short: Redis counts on from a clock that was set back.
const CURSOR = /^([A-Za-z0-9_-]{5})\.(0|[1-9a-z][0-9a-z]{0,8})-(0|[1-9a-z][0-9a-z]{0,6})$/;

export function formatCursor(native: string, epoch: string): string {
  const dash = native.indexOf("-");
  const ms = Number(native.slice(0, dash)).toString(36);
  const sequence = Number(native.slice(dash + 1)).toString(36);
  return `${epoch}.${ms}-${sequence}`;
}

/** @returns undefined for what is no cursor of this broker */
export function parseCursor(cursor: string): Place | undefined {
  // A long text is none, and is not searched.
  if (cursor.length > 23) return undefined;
  const [, epoch, ms, sequence] = CURSOR.exec(cursor) ?? [];
  if (ms === undefined || sequence === undefined || epoch === undefined) return undefined;
  return { native: `${parseInt(ms, 36)}-${parseInt(sequence, 36)}`, epoch };
}

/** Whether one native id comes after another. */
export function isAfter(a: string, b: string): boolean {
  const [ams = 0, aseq = 0] = a.split("-").map(Number);
  const [bms = 0, bseq = 0] = b.split("-").map(Number);
  return ams === bms ? aseq > bseq : ams > bms;
}
