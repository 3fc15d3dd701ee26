import { encode, type SseEvent } from "@sluice/protocol";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { EntryFrame } from "./entry-frame.js";
import { toEntry } from "./publication.js";

/** The event as it comes out of a channel. */
const through = (event: SseEvent) => new EntryFrame({ id: "i1", ...toEntry("c", event) });

const awkward = fc.constantFrom(
  ..."\r|\n|\r\n|\n\n|\u2028|\u00e9|\ud800|\u{1f600}| |:|: |data: x|data|id: 9|event: evil|: c|5".split(
    "|",
  ),
);
const text = fc
  .array(fc.oneof(awkward, fc.string({ unit: "binary", maxLength: 3 })), { maxLength: 6 })
  .map((parts) => parts.join(""));
const event: fc.Arbitrary<SseEvent> = fc.record(
  {
    data: fc.oneof(text, fc.jsonValue(), fc.record({ text }), fc.array(text)),
    event: text
      .map((raw) => raw.replace(/[\r\n]/g, ""))
      .filter((raw) => !raw.startsWith("sluice.")),
    retry: fc.nat(),
    comment: text,
  },
  { requiredKeys: ["data"] },
);

const clean = (raw: string) => raw.toWellFormed().replace(/\r\n|\r/g, "\n");

/** What JSON, or the wire, leaves of an event. */
function left({ data, event: name, retry, comment }: SseEvent): SseEvent {
  return {
    id: "i1",
    data: typeof data === "string" ? clean(data) : (JSON.parse(JSON.stringify(data)) as unknown),
    ...(name !== undefined && { event: name.toWellFormed() }),
    ...(retry !== undefined && { retry }),
    ...(comment !== undefined && { comment: clean(comment) }),
  };
}

it("H1: its event is what the encoder was given, as JSON leaves it", () => {
  fc.assert(
    fc.property(event, (given) => {
      const frame = through(given);
      expect(frame.event).toEqual(left(given));
      expect(frame.text).toBe(`id: i1\n${encode(given)}`);
    }),
    { numRuns: 2_000 },
  );
});

it.each<[SseEvent, unknown]>([
  [{ data: "5" }, "5"],
  [{ data: 5 }, 5],
  [{ data: "" }, ""],
  [{ data: null }, null],
  [{ data: "null" }, "null"],
  [{ data: "a\nb\n" }, "a\nb\n"],
  [{ data: "a\rb\r\nc" }, "a\nb\nc"],
  [{ data: { toJSON: () => "5" } }, "5"],
  [{ data: new Date(0) }, "1970-01-01T00:00:00.000Z"],
  [{ data: [undefined, 1] }, [null, 1]],
])("W1, H1: tells texts from JSON: %j", (given, data) => {
  expect(through(given).event.data).toEqual(data);
});

it("H1: reads its event once, when somebody asks for it", () => {
  const frame = through({ data: { n: 1 }, comment: "a\nb", retry: 0, event: "e: f" });
  expect(frame.event).toBe(frame.event);
  expect(frame.event).toEqual({
    id: "i1",
    data: { n: 1 },
    comment: "a\nb",
    retry: 0,
    event: "e: f",
  });
  expect(frame.isControl).toBe(false);
});
