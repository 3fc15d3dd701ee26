import assert from "node:assert/strict";
import type { Entry } from "@sluice/core";

/** An entry and no more than that: a broker may add what it needs. */
export function plain({ id, kind, text }: Entry): Entry {
  return { id, kind, text };
}

/** Checks that two lists are the same, with a message that shows where they part. */
export function sameList(actual: readonly unknown[], expected: readonly unknown[]): void {
  const length = Math.max(actual.length, expected.length);
  for (let at = 0; at < length; at++) {
    const [is, shall] = [JSON.stringify(actual[at]), JSON.stringify(expected[at])];
    if (is === shall) continue;
    assert.fail(
      `of ${actual.length} items and ${expected.length} that were expected, the one at ${at} is ${shorten(is)}, not ${shorten(shall)}`,
    );
  }
}

function shorten(text: string | undefined): string {
  if (text === undefined) return "missing";
  return text.length > 200 ? `${text.slice(0, 200)}... (${text.length} characters)` : text;
}
