import { randomUUID } from "node:crypto";
import type { RunSettings } from "./run-options.js";

/**
 * Names an attempt, by how many there have been for its key and something random: two processes that
 * begin at once must not name theirs alike.
 *
 * @param after - the attempt that it follows
 */
export function nameAttempt(after: string | undefined): string {
  return `${numberOf(after) + 1}.${randomUUID()}`;
}

/** Whether it follows no other. */
export function isFirst(attempt: string): boolean {
  return numberOf(attempt) === 1;
}

/** Whether there may be another one, if this one fails. */
export function mayFollow(attempt: string, { maxAttempts }: RunSettings): boolean {
  return numberOf(attempt) < maxAttempts;
}

/** How many there have been, with this one. Of a name that is not ours, it is the first. */
function numberOf(attempt: string | undefined): number {
  return attempt === undefined ? 0 : Number(/^(\d+)\./.exec(attempt)?.[1] ?? 1);
}
