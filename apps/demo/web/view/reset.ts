import type { Reset, ResetReason } from "@sluice/protocol";

const REASONS: Readonly<Record<ResetReason, string>> = {
  malformed: "the id is none that a channel gives out",
  unknown: "the id is of another channel, or of a history that is gone",
  trimmed: "what came after the id has left the history",
  skipped: "this connection was too slow, and events were left out",
  lost: "the server itself can't tell what came after the id",
};

/** Says what a `sluice.reset` means. */
export function describeReset({ reason, skipped }: Reset): string {
  const count = skipped === undefined ? "" : ` (${skipped} left out)`;
  return `Not resumed, “${reason}”: ${REASONS[reason]}${count}. Something may be missing before this line.`;
}
