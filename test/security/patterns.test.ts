import { CompositeCursor } from "../../packages/core/src/channel/composite-cursor.js";
import { parseCountedId, toMilliseconds, type Duration } from "@sluice/core";
import { conversionFor } from "../../packages/core/src/pipeline/convert.js";
import { requireEventStream } from "../../packages/fastify/src/accept.js";
import { ipKey } from "../../packages/fastify/src/ip-key.js";
import { readResumePoint } from "../../packages/fastify/src/last-event-id.js";
import { redactUrl } from "../../packages/fastify/src/redaction.js";
import { describe, expect, it } from "vitest";

/** The longest head that Node takes. */
const MOST = 16_384;

/** How long one of them may take, in milliseconds: a thousand times what a step for each character does. */
const TOO_LONG = 100;

/** Texts that patterns go back over, if they do. */
const REPEATED = [
  ...Array.from('a1 .~:=;,/"\\&#?%\té'),
  ...'a/b, */*, ;q= ;= a=" text/event-stream; a/b;c=d; ", 1. 1e -1'.split(" "),
  ..."m1~ aaaaaa:a~ :: 0: %25 &token= a;b,".split(" "),
];

const HOSTILE = REPEATED.flatMap((part) => {
  const text = part.repeat(Math.ceil(MOST / part.length)).slice(0, MOST);
  return [text, `${text}!`, `1.${text}`, `m1~${text}`, `text/event-stream;${text}`, `"${text}`];
});

const cursor = new CompositeCursor(["a", "b"]);
const names = new Set(["token"]);

const READERS: Record<string, (text: string) => unknown> = {
  "an Accept": (accept) => requireEventStream({ accept }),
  "a Last-Event-ID": (id) => readResumePoint({ "last-event-id": id }, undefined),
  "a lastEventId of the query": (lastEventId) => readResumePoint({}, { lastEventId }),
  "an id of a channel": parseCountedId,
  "a cursor of a merge": (text) => cursor.parse(text),
  "a number": (text) => conversionFor(Number)!(text, "query.n"),
  "a duration": (text) => toMilliseconds(text as Duration, "a test"),
  "an address": ipKey,
  "a URL, for the log": (text) => redactUrl(`/a?${text}`, names),
};

describe("security 28: no text of 16 KiB keeps a pattern busy", () => {
  it.each(Object.entries(READERS))("where it is read as %s", (_, read) => {
    const slow = HOSTILE.filter((text) => timeOf(read, text) > TOO_LONG);
    expect(slow.map((text) => text.slice(0, 40))).toEqual([]);
  });
});

/** The shortest of a few times, in milliseconds: a process that waits for others is not slow. */
function timeOf(read: (text: string) => unknown, text: string): number {
  let best = Infinity;
  for (let n = 0; n < 3 && best > TOO_LONG / 10; n++) {
    const start = performance.now();
    try {
      read(text);
    } catch {
      // Refused, which is as good.
    }
    best = Math.min(best, performance.now() - start);
  }
  return best;
}
