import { createParser } from "eventsource-parser";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hear } from "../test/listening.js";
import { startPeer } from "../test/peer.js";
import { type ReferenceEvent, readByTheStandard } from "../test/reference-parser.js";
import { createEventParser } from "./event-parser.js";
import { connect, text } from "./index.js";
import type { Message } from "./line.js";

interface Result {
  readonly messages: Message[];
  readonly retries: number[];
  comments: number;
  fits: boolean;
}

/** What the parser makes of pieces. */
function parse(pieces: readonly string[], maxEventSize = Infinity): Result {
  const result: Result = { messages: [], retries: [], comments: 0, fits: true };
  const feed = createEventParser({
    maxEventSize,
    onMessage: (message) => result.messages.push(message),
    onRetry: (time) => result.retries.push(time),
    onComment: () => result.comments++,
  });
  for (const piece of pieces) {
    result.fits = feed(piece);
    if (!result.fits) break;
  }
  return result;
}

const lineEnd = fc.constantFrom("\n", "\n", "\n", "\r\n", "\r");
const value = fc.oneof(
  fc.constantFrom(
    "",
    " ",
    "  two",
    "x:y",
    "5",
    "007",
    "-1",
    "1e3",
    "\0",
    "日本",
    "🦊",
    "ü",
    "\u2028",
  ),
  fc.string({ unit: "grapheme", maxLength: 8 }).map((s) => s.replaceAll(/[\r\n]/g, "")),
);
const line = fc.oneof(
  { weight: 6, arbitrary: fc.constant("") },
  {
    weight: 10,
    arbitrary: fc
      .tuple(
        fc.constantFrom("data", "data", "event", "id", "retry", "", "Data", "what"),
        fc.constantFrom(": ", ":", ""),
        value,
      )
      .map((parts) => parts.join("")),
  },
);
/** A stream, well formed or not. */
const stream = fc
  .tuple(fc.constantFrom("", "\uFEFF"), fc.array(fc.tuple(line, lineEnd), { maxLength: 30 }), value)
  .map(([mark, lines, rest]) => mark + lines.flat().join("") + rest);

/** Where something is cut, as parts of its length. */
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 });

function cut<T extends string | Uint8Array>(whole: T, at: readonly number[]): T[] {
  const places = [0, ...at.map((part) => Math.floor(part * whole.length)), whole.length];
  places.sort((a, b) => a - b);
  return places.slice(1).map((end, i) => whole.slice(places[i], end) as T);
}

/** The events of messages, with the id that each of them leaves a client with. */
function follow(messages: readonly Message[]): { events: ReferenceEvent[]; lastEventId: string } {
  const events: ReferenceEvent[] = [];
  let lastEventId = "";
  for (const { event = "message", data, id } of messages) {
    lastEventId = id ?? lastEventId;
    if (event !== "sluice.position") events.push({ event, data, lastEventId });
  }
  return { events, lastEventId };
}

describe("the parser", () => {
  it("reads what the standard reads, wherever the text is cut", () => {
    fc.assert(
      fc.property(stream, cuts, (text, at) => {
        const reference = readByTheStandard(new TextEncoder().encode(text));
        const { messages, retries } = parse(cut(text.replace(/^\uFEFF/, ""), at));
        const { events, lastEventId } = follow(messages);
        expect(events).toEqual(reference.events);
        expect(lastEventId).toBe(reference.lastEventId);
        expect(retries.at(-1)).toBe(reference.retry);
      }),
      { numRuns: 3_000 },
    );
  });

  it("reads what eventsource-parser reads, where every line ends in LF", () => {
    fc.assert(
      fc.property(stream, cuts, (any, at) => {
        const text = any.replaceAll(/\r\n?|\uFEFF/g, "\n");
        const peers: Message[] = [];
        let comments = 0;
        createParser({
          onEvent: (message) => peers.push(message),
          onComment: () => comments++,
        }).feed(text);
        const result = parse(cut(text, at));
        const events = result.messages.filter(({ event }) => event !== "sluice.position");
        expect(events).toEqual(peers);
        expect(result.comments).toBe(comments);
      }),
      { numRuns: 2_000 },
    );
  });

  it("gives an event that ends in CR at once, and takes an LF that follows for the same break", () => {
    expect(parse(["data: 1\r\r"]).messages).toHaveLength(1);
    expect(parse(["data: 1\r", "\n", "", "\r", "\ndata: 2\n\r\n"]).messages).toEqual([
      { data: "1" },
      { data: "2" },
    ]);
  });

  it("takes an LF for the same break also where nothing came between it and the CR", () => {
    expect(parse(["data: 1\r", "", "\ndata: 2\r\n\r\n"]).messages).toEqual([{ data: "1\n2" }]);
  });

  it("W4: gives an id without data as a position", () => {
    expect(parse(["id: 8\n\n", "id: 9\nevent: tick\n\n"]).messages).toEqual([
      { event: "sluice.position", data: "{}", id: "8" },
      { event: "sluice.position", data: "{}", id: "9" },
    ]);
  });

  it("reads a long line in time that grows as it does", () => {
    const piece = "x".repeat(100);
    const pieces = ["data: ", ...Array.from({ length: 50_000 }, () => piece), "\n\n"];
    const before = performance.now();
    expect(parse(pieces).messages[0]!.data).toHaveLength(5_000_000);
    expect(performance.now() - before).toBeLessThan(2_000);
  });

  it("says no to an event that is too large, wherever it is cut, and gives those before it", () => {
    const small = "data: 1\n\n: a comment\n";
    fc.assert(
      fc.property(cuts, fc.integer({ min: -3, max: 3 }), (at, more) => {
        const large = `id: 2\ndata: ${"x".repeat(89 + more)}\n\ndata: after\n\n`;
        const result = parse(cut(small + large, at), 100);
        expect(result.fits).toBe(more <= 0);
        expect(result.messages).toHaveLength(more <= 0 ? 3 : 1);
      }),
    );
  });

  it("says no before the line has ended that makes it too large", () => {
    expect(parse(["id: 123456789\n", "data: abcd"], 23).fits).toBe(true);
    expect(parse(["id: 123456789\n", "data: abcde"], 23).fits).toBe(false);
  });

  it("counts no keep-alive for a part of the next event", () => {
    expect(
      parse(
        Array.from({ length: 100 }, () => ": keep-alive\n"),
        20,
      ),
    ).toMatchObject({
      fits: true,
      comments: 100,
    });
  });
});

describe("a client", () => {
  it("hears the same events wherever the bytes are cut, also within a character", async () => {
    const peer = await startPeer();
    const oneStream = fc.tuple(stream, cuts);
    await fc.assert(
      fc.asyncProperty(oneStream, async ([text_, at]) => {
        const bytes = new TextEncoder().encode(`${text_}\n\n`);
        const reference = readByTheStandard(bytes);
        // The end, which ends the client too, is behind what is looked at.
        const end = 'event: sluice.end\ndata: {"outcome":"done"}\n\n';
        const names = new Set(reference.events.map(({ event }) => event));
        const client = connect(peer.url, {
          parse: Object.fromEntries([...names].map((name) => [name, text])),
        });
        const ids: string[] = [];
        client.on(() => ids.push(client.lastEventId));
        const heard = hear(client);
        const visit = await peer.visits.next();
        visit.open();
        for (const piece of cut(bytes, at)) {
          await new Promise((done) => visit.response.write(piece, done));
        }
        visit.end(end);
        await client.closed;
        expect(
          heard.all.map(({ event, data }, i) => ({ event, data, lastEventId: ids[i] })),
        ).toEqual(reference.events);
        expect(client.lastEventId).toBe(reference.lastEventId);
      }),
      { numRuns: 200 },
    );
  });

  it("W4: resumes from an id that came alone", async () => {
    const peer = await startPeer();
    const events = hear(connect(peer.url, { reconnect: { delay: 0 } }));
    const first = await peer.visits.next();
    first.open("id: 1\ndata: 1\n\nid: 2\n\n: hello\n").end();
    expect((await peer.visits.next()).lastEventId).toBe("2");
    expect(events.all).toHaveLength(1);
  });
});
