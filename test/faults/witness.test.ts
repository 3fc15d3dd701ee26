import { MemoryBroker } from "@sluice/core";
import { expect, it } from "vitest";
import { ChunkedAnswer, EventLines } from "./event-stream.js";
import { Truth } from "./truth.js";
import { type Cursor, Testimony, Witness } from "./witness.js";

const HISTORY = { count: 100, age: 60_000, bytes: 1_048_576 };

/** Ten events of a channel, and a witness of a client that comes with a cursor. */
function witnessOf(cursor: (ids: readonly string[]) => Cursor) {
  const truth = new Truth();
  const broker = truth.recording(new MemoryBroker());
  const events = Array.from({ length: 10 }, (_, seq) => {
    const data = JSON.stringify({ channel: "a", publisher: "one", seq });
    const text = `event: chaos\ndata: ${data}\n\n`;
    const id = broker.publish({ channel: "a", kind: "json", text, history: HISTORY }) as string;
    return { id, event: "chaos", data };
  });
  const testimony = new Testimony();
  const surroundings = { truth, testimony, historyCount: 100, mayFail: false };
  const subject = { channels: ["a"], maySkip: false, passes: () => true };
  const witness = new Witness(surroundings, subject, cursor(events.map(({ id }) => id)));
  const reset = (index: number, reason: string) => ({
    id: events[index]!.id,
    event: "sluice.reset",
    data: JSON.stringify({ channels: ["a"], reason }),
  });
  return { witness, testimony, events, reset };
}

it("a witness finds nothing wrong with what is in order", () => {
  const { witness, testimony, events } = witnessOf((ids) => ({ id: ids[6] }));
  for (const event of events.slice(7)) witness.take(event);
  expect(testimony).toMatchObject({ events: 3, lost: 0, doubled: 0, faults: [] });
  expect(witness.isUpToDate).toBe(true);
});

it("a witness counts what is missing, comes twice, or comes too late", () => {
  const { witness, testimony, events } = witnessOf((ids) => ({ id: ids[2] }));
  for (const index of [3, 6, 6, 5, 7]) witness.take(events[index]!);
  expect(testimony).toMatchObject({ lost: 2, doubled: 2 });
  expect(witness.isUpToDate).toBe(false);
});

it("a witness misses a reset that is due, and finds one that is not", () => {
  const due = witnessOf(() => ({ id: "garbage", refusal: "malformed" }));
  due.witness.take(due.events[9]!);
  expect(due.testimony.faults).toHaveLength(1);

  const undue = witnessOf((ids) => ({ id: ids[5] }));
  undue.witness.take(undue.reset(9, "trimmed"));
  undue.witness.take(undue.reset(9, "lost"));
  expect(undue.testimony.faults).toHaveLength(2);
});

it("a witness finds a reset that goes back, a strange id and another event's data", () => {
  const { witness, testimony, events, reset } = witnessOf((ids) => ({ id: ids[5] }));
  witness.take(reset(4, "trimmed"));
  witness.take({ ...events[5]!, id: "1.AAAAAAAA.6" });
  witness.take({ ...events[5]!, data: events[6]!.data });
  expect(testimony.faultCount).toBe(4);
});

it("events are read the same however their bytes are split", () => {
  const events = [
    { id: "7", event: "load", data: '{"seq":7}' },
    { id: "8", event: "", data: "a\nb" },
  ];
  const text = 'id: 7\nevent: load\ndata: {"seq":7}\n\n: still here\nid: 8\ndata: a\ndata: b\n\n';
  const chunks = [text.slice(0, 20), text.slice(20)].map(
    (part) => `${part.length.toString(16)}\r\n${part}\r\n`,
  );
  const wire = `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${chunks.join("")}0\r\n\r\n`;
  for (const size of [1, 2, 3, 7, wire.length]) {
    const answer = new ChunkedAnswer();
    const lines = new EventLines();
    const read = [];
    for (let at = 0; at < wire.length; at += size)
      read.push(...lines.push(answer.push(wire.slice(at, at + size))));
    expect({ read, ended: answer.ended, lastId: lines.lastId }).toEqual({
      read: events,
      ended: true,
      lastId: "8",
    });
  }
});
