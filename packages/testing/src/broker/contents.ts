import type { Promised } from "./promised.js";
import { sameList } from "./same.js";

/** Names of channels, each another one. */
const NAMES = [
  ["a", "A", "a ", " a", "a/b", "a//b", "a/", "/a", "a:b", "a::b", "a.b", "a.*", "a*", "*", ">"],
  ["room:1", "room:10", "{room}", "{room}:1", "{}", "}{", "[a]", "(a)", "'", '"', "\\", "\\0"],
  ["__proto__", "constructor", "toString", "undefined", "null", "0", "-1", "#", "a#b", "a,b", "?"],
  ["é", "e\u0301", "ß", "ss", "日本", "日本語", "\u{1f6b0}", "\u202ea", "\u00a0", "\ufeffa", "ﬁ"],
  ["a".repeat(511), "a".repeat(512), `${"a".repeat(511)}b`, "語".repeat(512), "fi", "%2F", "a;b"],
  ["../a", "a=b", "a&b", "a\u2028b", "SELECT 1", "meta", "log", "last", "data", "entries"],
].flat();

/** Texts of entries: to a broker, they mean nothing. */
const TEXTS = [
  "data: 1\n\n",
  "data: a\r\n\r\n",
  "data: a\rdata: b\r\r",
  "\n\n\n",
  "data:  a  \n\n",
  'event: tick\ndata: {"n":1}\n\n',
  "data: nul \0 in it\n\n",
  "data: \ufeffbom\n\n",
  "\ufeffdata: bom\n\n",
  "data: é e\u0301 ß 日本語 \u{1f6b0} \u{1f469}\u200d\u{1f467} \u2028 \u2029 \uffff\n\n",
  "data: \"quotes\" 'quotes' \\ ` ${x} %s\n\n",
  "data: __proto__\n\n",
  "0",
  " ",
  `data: ${"x".repeat(1_048_576)}\n\n`,
  `data: ${"語".repeat(349_525)}\n\n`,
];

/** What may be in names and texts. */
export const contents: readonly Promised[] = [
  {
    name: "a channel may have any name, and is another one than all of other names",
    async run(bench) {
      const listeners = await Promise.all(NAMES.map((name) => bench.follow(name)));
      const published = await Promise.all(
        NAMES.map(async (name, at) => [
          await bench.publish(name, `data: ${at}\n\n`),
          await bench.publish(name, `data: ${at} again\n\n`),
        ]),
      );
      for (const [at, name] of NAMES.entries()) {
        const { position } = listeners[at]!;
        sameList(await bench.readAll(name, position), published[at]!);
        await listeners[at]!.hears(published[at]!);
      }
    },
  },
  {
    name: "one channel's end is not that of a channel of a similar name",
    async run(bench) {
      for (const name of ["a", "__proto__", "{room}", "é"]) await bench.end(name);
      for (const name of ["A", "a ", "a/b", "constructor", "{room}:1", "room", "e\u0301", "e"])
        await bench.publish(name, "data: 1\n\n");
    },
  },
  {
    name: "a text is given back as it was published, whatever is in it",
    async run(bench) {
      const listener = await bench.follow("room");
      const entries = [];
      for (const text of TEXTS) entries.push(await bench.publish("room", text));
      const read = await bench.readAll("room", listener.position);
      sameList(
        read.map(({ text }) => text),
        TEXTS,
      );
      await listener.hears(entries);
    },
  },
  {
    name: "large entries that are published at once are each whole",
    async run(bench) {
      const listener = await bench.follow("room");
      const large = ["a", "b", "c", "d", "e", "f"].map((part) => part.repeat(400_000));
      await listener.hears(await bench.publishAll("room", large));
    },
  },
];
