import { createParser } from "eventsource-parser";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encode } from "./encode.js";
import { SseEncodeError, type SseEncodeErrorCode } from "./errors.js";
import type { SseEvent, SseYield } from "./event.js";
import { isLegalId } from "./id.js";

/** One thing that a client notices. */
type Seen =
  | { comment: string }
  | { retry: number }
  | { name: string | undefined; id: string | undefined; data: string };

/** Parses a stream that arrives in chunks of these sizes, in bytes; the rest comes as the last chunk. */
function receive(text: string, sizes: readonly number[]): Seen[] {
  const seen: Seen[] = [];
  const parser = createParser({
    onComment: (comment) => seen.push({ comment }),
    onRetry: (retry) => seen.push({ retry }),
    onEvent: ({ event, id, data }) => seen.push({ name: event, id, data }),
    onError: (error) => {
      throw error;
    },
  });
  const bytes = new TextEncoder().encode(text);
  const decoder = new TextDecoder();
  let from = 0;
  for (const size of sizes) {
    parser.feed(decoder.decode(bytes.subarray(from, from + size), { stream: true }));
    from += size;
  }
  parser.feed(decoder.decode(bytes.subarray(from)));
  return seen;
}

const clean = (text: string): string =>
  text
    .toWellFormed()
    .split(/\r\n?|\n/)
    .join("\n");

/** What a client should notice of an event. */
function expected(event: SseEvent): Seen[] {
  const seen: Seen[] = [];
  if (event.comment !== undefined) {
    for (const comment of clean(event.comment).split("\n")) seen.push({ comment });
  }
  if (event.retry !== undefined) seen.push({ retry: event.retry });
  if (event.data !== undefined) {
    seen.push({
      name: event.event?.toWellFormed() || undefined,
      id: event.id?.toWellFormed(),
      data: typeof event.data === "string" ? clean(event.data) : JSON.stringify(event.data),
    });
  }
  return seen;
}

const awkward = fc.constantFrom(
  ..."\r|\n|\r\n|\n\n|\0|\u2028|\u2029|\u0085|\ufeff|\ud800|\udc00|\u{1f600}|\u00e9| |:".split("|"),
  ..."data: x|data|id: 9|event: evil|retry: 1|: c|#end|sluice.|[DONE]".split("|"),
);
const text = fc
  .array(fc.oneof(awkward, fc.string({ unit: "binary", maxLength: 3 })), { maxLength: 8 })
  .map((parts) => parts.join(""));

const name = text
  .map((raw) => raw.replace(/[\r\n]/g, ""))
  .filter((raw) => !raw.startsWith("sluice."));
const id = text
  .map((raw) => raw.replace(/[\u0000-\u001f\u007f-\u009f]/g, "").trim())
  .filter((raw) => !raw.endsWith("#end"));
const retry = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const data = fc.oneof(
  text,
  fc.jsonValue({ stringUnit: "binary" }),
  fc.array(text),
  fc.record({ text }),
);

const rest = { id, retry, comment: text };
const message: fc.Arbitrary<SseEvent> = fc.record(
  { data, event: name, ...rest },
  { requiredKeys: ["data"] },
);
const silent: fc.Arbitrary<SseEvent> = fc
  .record(rest, { requiredKeys: [] })
  .filter((event) => Object.keys(event).length > 0);
const legal = fc.oneof({ weight: 3, arbitrary: message }, { weight: 1, arbitrary: silent });
const sizes = fc.array(fc.nat({ max: 40 }), { maxLength: 30 });

/** Puts a part into a text at a place. */
const within = (part: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(text, part, text).map((parts) => parts.join(""));
const control = fc.oneof(fc.integer({ max: 0x1f, min: 0 }), fc.integer({ min: 0x7f, max: 0x9f }));

const cycle: unknown[] = [];
cycle.push(cycle);

/** One field with a value that can't be sent, and the code to expect. */
const flaw: fc.Arbitrary<readonly [Record<string, unknown>, SseEncodeErrorCode]> = fc.oneof(
  within(fc.constantFrom("\r", "\n", "\r\n")).map(
    (value) => [{ event: value }, "ERR_SSE_EVENT"] as const,
  ),
  name.map((value) => [{ event: `sluice.${value}` }, "ERR_SSE_RESERVED_EVENT"] as const),
  within(control.map((unit) => String.fromCharCode(unit))).map(
    (value) => [{ id: value }, "ERR_SSE_ID"] as const,
  ),
  id.map((value) => [{ id: `${value} ` }, "ERR_SSE_ID"] as const),
  id.map((value) => [{ id: ` ${value}` }, "ERR_SSE_ID"] as const),
  id.map((value) => [{ id: `${value}#end` }, "ERR_SSE_ID"] as const),
  id.map((value) => [{ id: value + "x".repeat(1021) }, "ERR_SSE_ID"] as const),
  fc
    .oneof(
      fc.integer({ max: -1 }),
      fc.integer({ min: 2 ** 31, max: Number.MAX_SAFE_INTEGER }),
      fc.constantFrom(0.5, Number.NaN, "1", null),
    )
    .map((value) => [{ retry: value }, "ERR_SSE_RETRY"] as const),
  fc
    .oneof(fc.integer(), fc.boolean(), fc.constant(null))
    .map((value) => [{ comment: value }, "ERR_SSE_COMMENT"] as const),
  fc
    .constantFrom(undefined, () => 1, Symbol("s"), 1n, cycle, { nested: 1n })
    .map((value) => [{ data: value }, "ERR_SSE_DATA"] as const),
);

describe("any event", () => {
  it("W1, W2, W8: a legal event comes back the same from a parser", () => {
    fc.assert(
      fc.property(legal, (event) => {
        expect(receive(encode(event), [])).toEqual(expected(event));
      }),
      { numRuns: 3_000 },
    );
  });

  it("W2, W8: a sequence gives exactly its messages, wherever the bytes are cut", () => {
    fc.assert(
      fc.property(fc.array(legal, { maxLength: 8 }), sizes, (events, cuts) => {
        const stream = events.map((event) => encode(event)).join("");
        expect(receive(stream, cuts)).toEqual(events.flatMap(expected));
      }),
      { numRuns: 1_500 },
    );
  });

  it("W8: the wire has no CR, and JSON data takes one line", () => {
    fc.assert(
      fc.property(legal, (event) => {
        const frame = encode(event);
        expect(frame).not.toContain("\r");
        expect(frame.endsWith("\n")).toBe(true);
        if (event.data !== undefined && typeof event.data !== "string") {
          expect(frame.split("\n").filter((line) => line.startsWith("data: "))).toHaveLength(1);
        }
      }),
    );
  });

  it("W3: one illegal field is enough to refuse the event, with the code of that field", () => {
    fc.assert(
      fc.property(message, flaw, (event, [wrong, code]) => {
        let error: unknown;
        let written: string | undefined;
        try {
          written = encode({ ...event, ...wrong });
        } catch (thrown) {
          error = thrown;
        }
        expect(written).toBeUndefined();
        expect(error).toBeInstanceOf(SseEncodeError);
        expect(error).toMatchObject({ code, field: Object.keys(wrong)[0] });
      }),
      { numRuns: 2_000 },
    );
  });

  it("W3, O5: an id that was sent is legal when it comes back", () => {
    fc.assert(
      fc.property(id, (sent) => {
        const [seen] = receive(encode({ id: sent, data: 0 }), []);
        expect(isLegalId((seen as { id: string }).id)).toBe(true);
      }),
    );
  });

  it("W1, W4: whatever is yielded becomes one frame of at most one message, or an SseEncodeError", () => {
    const anything = fc.anything({
      key: fc.oneof(
        fc.constantFrom("data", "event", "id", "retry", "comment", "toJSON"),
        fc.string(),
      ),
      values: [
        text,
        fc.integer(),
        fc.double(),
        fc.boolean(),
        fc.constant(null),
        fc.constant(undefined),
      ],
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withNullPrototype: true,
      withSparseArray: true,
      withBoxedValues: true,
    });
    fc.assert(
      fc.property(anything, (value) => {
        let frame: string;
        try {
          frame = encode(value as SseYield);
        } catch (error) {
          expect(error).toBeInstanceOf(SseEncodeError);
          return;
        }
        const messages = receive(frame, []).filter((seen) => "data" in seen);
        const event = typeof value === "object" && value !== null && !Array.isArray(value);
        expect(messages).toHaveLength(!event || "data" in value ? 1 : 0);
      }),
      { numRuns: 3_000 },
    );
  });
});
