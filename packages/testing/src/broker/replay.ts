import assert from "node:assert/strict";
import { type Promised, texts } from "./promised.js";
import { sameList } from "./same.js";

/** Reading what was missed, and going back in the history. */
export const replay: readonly Promised[] = [
  {
    name: "reading after any cursor gives exactly what comes after it, in order",
    async run(bench) {
      const { position } = await bench.follow("room");
      const entries = await bench.publishAll("room", texts(30));
      sameList(await bench.readAll("room", position), entries);
      for (const [at, { id }] of entries.entries())
        sameList(await bench.readAll("room", id), entries.slice(at + 1));
    },
  },
  {
    name: "reading after the newest entry gives nothing and is not refused",
    async run(bench) {
      const entries = await bench.publishAll("room", texts(3));
      assert.deepEqual(await bench.read("room", entries[2]!.id), { entries: [] });
    },
  },
  {
    name: "pages of any size put together are the whole, each with an entry at least",
    async run(bench) {
      const { position } = await bench.follow("room");
      const entries = await bench.publishAll("room", texts(25));
      for (const bytes of [0, 1, 9, 10, 11, 64, 1_000_000]) {
        sameList(await bench.readAll("room", position, { bytes }), entries);
        const page = await bench.page("room", position, { bytes });
        assert(page.length > 0, `of ${bytes} bytes, a page has no entry`);
      }
    },
  },
  {
    name: "a page has about as many bytes as were asked for",
    async run(bench) {
      const { position } = await bench.follow("room");
      const kilobyte = `data: ${"é".repeat(508)}\n\n`;
      await bench.publishAll(
        "room",
        Array.from({ length: 200 }, () => kilobyte),
      );
      const { length } = await bench.page("room", position, { bytes: 10_240 });
      assert(length <= 40, `${length} KiB were read at once, not 10`);
    },
  },
  {
    name: "an entry that is larger than a page is read whole",
    async run(bench) {
      const { position } = await bench.follow("room");
      const entries = [
        await bench.publish("room", `data: ${"a".repeat(300_000)}\n\n`),
        await bench.publish("room", "data: b\n\n"),
      ];
      sameList(await bench.readAll("room", position, { bytes: 1_000 }), entries);
    },
  },
  {
    name: "nothing is read beyond the cursor to read through",
    async run(bench) {
      const { position } = await bench.follow("room");
      const entries = await bench.publishAll("room", texts(12));
      const cursors = [position, ...entries.map(({ id }) => id)];
      for (const [from, after] of cursors.entries()) {
        for (const [to, through] of cursors.entries()) {
          if (to < from) continue;
          for (const bytes of [15, 65_536]) {
            const read = await bench.readAll("room", after, { through, bytes });
            sameList(read, entries.slice(from, to));
          }
          if (to === from)
            assert.deepEqual(await bench.read("room", after, { through }), { entries: [] });
        }
      }
    },
  },
  {
    name: "a cursor behind the one to read through is ahead",
    async run(bench) {
      const { position } = await bench.follow("room");
      const [first, second, third] = await bench.publishAll("room", texts(3));
      await bench.refuses("ahead", "room", third!.id, { through: second!.id });
      await bench.refuses("ahead", "room", third!.id, { through: first!.id });
      await bench.refuses("ahead", "room", first!.id, { through: position });
    },
  },
  {
    name: "reading after the cursor so many entries back gives so many",
    async run(bench) {
      const { position } = await bench.follow("room");
      const entries = await bench.publishAll("room", texts(10));
      for (const [at, { id }] of entries.entries()) {
        for (const count of [0, 1, 3, 9]) {
          const cursor = await bench.rewind("room", count, id);
          const read = await bench.readAll("room", cursor, { through: id });
          sameList(read, entries.slice(Math.max(0, at + 1 - count), at + 1));
        }
      }
      assert.equal(await bench.rewind("room", 0, entries[4]!.id), entries[4]!.id);
      assert.equal(await bench.rewind("room", 2, entries[4]!.id), entries[2]!.id);
      assert.equal(await bench.rewind("room", 10, entries[9]!.id), position);
    },
  },
  {
    name: "going back further than the history reaches gives all that is left of it",
    async run(bench) {
      const { position } = await bench.follow("room");
      const empty = await bench.rewind("room", 5, position);
      sameList(await bench.readAll("room", empty), []);
      const history = { count: 4, age: 3_600_000, bytes: 1_000_000 };
      const entries = await bench.publishAll("room", texts(50), { history });
      const cursor = await bench.rewind("room", 1_000_000, entries.at(-1)!.id);
      const left = await bench.readAll("room", cursor);
      assert(left.length >= 4, `only ${left.length} of 4 entries are left`);
      sameList(left, entries.slice(-left.length));
    },
  },
  {
    name: "a history can be read by many at once while it grows",
    async run(bench) {
      const { position } = await bench.follow("room");
      const entries = await bench.publishAll("room", texts(50));
      const reads = Array.from({ length: 20 }, () =>
        bench.readAll("room", position, { bytes: 99 }),
      );
      const more = bench.publishAll("room", texts(50, "more"));
      const all = [...entries, ...(await more)];
      for (const read of await Promise.all(reads)) {
        assert(read.length >= 50, `${read.length} of 50 entries were read`);
        sameList(read, all.slice(0, read.length));
      }
    },
  },
];
