import type { Bench } from "./bench.js";
import { type Promised, texts } from "./promised.js";
import { sameList } from "./same.js";

/** Texts that a client may send as its cursor. `id` is one that is legal. */
function strangeCursors(id: string): string[] {
  return [
    ["", " ", "$", "+", "-", "*", ">", "(", "(0", `(${id}`, "0", "1", "-1", "0-0", "0-1"],
    ["a, b", ".", "..", "1.", "1..", "1.1", "../../etc/passwd", "%00", "%0a", "NaN", "Infinity"],
    ["null", "undefined", "true", "[object Object]", "{}", "[]", '{"id":1}', "' OR 1=1 --", "1e3"],
    ["__proto__", "constructor", "toString", "hasOwnProperty", "latest", "earliest", "0x10"],
    ["\0", "\r", "\n", "\r\n", "\t", "\u001b[2J", "\u2028", "\ufeff", "\ud800", "\udc00x"],
    ["ä", "é", "日本語", "\u{1f6b0}", "１", "١", `${id}#end`, `#${id}`, `${id}, ${id}`],
    [`${id} `, ` ${id}`, `${id}\n`, `${id}\r\n`, `${id}\0`, `\n${id}`, `\ufeff${id}`, `${id}é`],
    [`${id}\r\ndata: x`, `${id},${id}`, `"${id}"`, `+${id}`, `-${id}`, `${id}-`, `${id}.`],
    ["a", "0", "9", "-", ".", "\n", "é"].map((part) => part.repeat(1_000_000)),
    [id.repeat(10_000), id + "0".repeat(1_000_000), id + "9".repeat(100)],
  ].flat();
}

/** A legal id in each of its characters' neighbours. */
function changed(id: string): string[] {
  const ids: string[] = [];
  for (let at = 0; at < id.length; at++) {
    for (const other of ["0", "1", "9", "a", "A", "_", "-", "."])
      ids.push(id.slice(0, at) + other + id.slice(at + 1));
    ids.push(id.slice(0, at) + id.slice(at + 1), id.slice(0, at));
  }
  return ids;
}

async function checkStrange(bench: Bench, channel: string, id: string): Promise<void> {
  for (const cursor of strangeCursors(id)) await bench.refuses("malformed", channel, cursor);
}

/** Cursors that can't be read from. */
export const cursors: readonly Promised[] = [
  {
    name: "what is no cursor of the broker is malformed, in any channel",
    async run(bench) {
      await bench.follow("room");
      const { id } = await bench.publish("room", "data: 1\n\n");
      await checkStrange(bench, "room", id);
      await checkStrange(bench, "unused", id);
    },
  },
  {
    name: "a strange cursor is refused although what to read through is given",
    async run(bench) {
      const [first, second] = await bench.publishAll("room", texts(2));
      for (const cursor of ["", "$", "0-0", "\r\n", `${first!.id}\n`, "a".repeat(1_000_000)])
        await bench.refuses("malformed", "room", cursor, { through: second!.id });
    },
  },
  {
    name: "another channel's cursor is unknown",
    async run(bench) {
      const [a, b] = [await bench.follow("a"), await bench.follow("b")];
      const ofA = await bench.publishAll("a", texts(5));
      const ofB = await bench.publishAll("b", texts(9));
      const newest = ofB.at(-1)!.id;
      for (const id of [a.position, ...ofA.map((entry) => entry.id)]) {
        await bench.refuses("unknown", "b", id);
        await bench.refuses("unknown", "b", id, { through: newest });
        await bench.refuses("unknown", "unused", id);
      }
      for (const id of [b.position, ...ofB.map((entry) => entry.id)])
        await bench.refuses("unknown", "a", id);
    },
  },
  {
    name: "another broker's cursor is unknown, even of a channel of the same name",
    async run(bench) {
      const other = await bench.another();
      const theirs = await other.follow("room", bench.listener("room"));
      const foreign = [theirs.position];
      for (const text of texts(5)) {
        const history = { count: 10, age: 60_000, bytes: 10_000 };
        foreign.push(await other.publish({ channel: "room", kind: "text", text, history }));
      }
      for (const id of foreign) await bench.refuses("unknown", "room", id);
      await bench.follow("room");
      await bench.publishAll("room", texts(9));
      for (const id of foreign) await bench.refuses("unknown", "room", id);
    },
  },
  {
    name: "a cursor that has not come yet is unknown, and stays refused when the channel grows",
    async run(bench) {
      const entries = await bench.publishAll("room", texts(3));
      const { id } = entries.at(-1)!;
      const digits = /\d+$/.exec(id)?.[0];
      // Ids without a number at their end have no future to tell.
      if (digits === undefined) return;
      const future = id.slice(0, -digits.length) + String(BigInt(digits) + 500n);
      await bench.refuses("unknown", "room", future);
      await bench.refuses("unknown", "room", future, { through: id });
      await bench.publishAll("room", texts(3));
      await bench.refuses("unknown", "room", future);
    },
  },
  {
    name: "a cursor with a character changed is refused, unless it is another entry's",
    async run(bench) {
      const { position } = await bench.follow("room");
      const entries = await bench.publishAll("room", texts(30));
      const known = new Set([position, ...entries.map(({ id }) => id)]);
      for (const cursor of changed(entries[11]!.id)) {
        if (known.has(cursor)) continue;
        await bench.refuses(["malformed", "unknown", "trimmed"], "room", cursor);
      }
    },
  },
  {
    name: "reading with a strange cursor changes nothing",
    async run(bench) {
      const listener = await bench.follow("room");
      const entries = await bench.publishAll("room", texts(3));
      await checkStrange(bench, "room", entries[1]!.id);
      sameList(await bench.readAll("room", listener.position), entries);
      entries.push(await bench.publish("room", "data: more\n\n"));
      await listener.hears(entries);
    },
  },
];
