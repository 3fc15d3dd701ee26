import assert from "node:assert/strict";
import type { Entry, HistoryBounds } from "@sluice/core";
import { type Bench, PLENTY } from "./bench.js";
import { type Promised, texts } from "./promised.js";
import { sameList } from "./same.js";

/** How old a history gets where time has to be waited for, in milliseconds. */
const SHORT = 200;

/** Publishes until the first entry of a channel has left the history. */
async function outgrow(bench: Bench, history: HistoryBounds, text: string): Promise<Entry[]> {
  const { position } = await bench.follow("room");
  const entries: Entry[] = [];
  for (let round = 0; round < 100; round++) {
    entries.push(...(await bench.publishAll("room", [text, text, text, text, text], { history })));
    const page = await bench.read("room", position);
    if (page.refused !== undefined) {
      assert.equal(page.refused, "trimmed");
      return entries;
    }
  }
  assert.fail(`of ${JSON.stringify(history)}, all of ${entries.length} entries are kept`);
}

/** How much of a channel is kept, and what its cursors are when it is not. */
export const history: readonly Promised[] = [
  {
    name: "a history keeps as many events as its count, and not ever more",
    async run(bench) {
      const entries = await outgrow(bench, { ...PLENTY, count: 10 }, "data: 1\n\n");
      sameList(await bench.readAll("room", entries.at(-11)!.id), entries.slice(-10));
    },
  },
  {
    name: "a history keeps as many bytes as it may have, and not ever more",
    async run(bench) {
      // 100 bytes each, of 54 characters.
      const text = `data: ${"é".repeat(46)}\n\n`;
      const entries = await outgrow(bench, { ...PLENTY, bytes: 1_000 }, text);
      sameList(await bench.readAll("room", entries.at(-11)!.id), entries.slice(-10));
    },
  },
  {
    name: "a cursor is trimmed when events after it have left the history, and only then",
    async run(bench) {
      const bounds = { ...PLENTY, count: 5 };
      const entries = await outgrow(bench, bounds, "data: 1\n\n");
      const pages = await Promise.all(entries.map(({ id }) => bench.read("room", id)));
      const kept = pages.findIndex(({ refused }) => refused === undefined);
      for (const [at, page] of pages.entries()) {
        if (at < kept) assert.deepEqual(page, { refused: "trimmed" });
        else assert.deepEqual(page, { entries: entries.slice(at + 1) });
      }
      const { id } = entries.at(-1)!;
      await bench.refuses("trimmed", "room", entries[0]!.id, { through: id });
    },
  },
  {
    name: "reading after a cursor that was gone back to is not refused, whatever has left the history",
    async run(bench) {
      const entries = await outgrow(bench, { ...PLENTY, count: 5 }, "data: 1\n\n");
      for (const { id } of entries) {
        const cursor = await bench.rewind("room", 3, id);
        const read = await bench.readAll("room", cursor);
        sameList(read, entries.slice(entries.length - read.length));
      }
    },
  },
  {
    name: "a history of no events goes on from its newest id",
    async run(bench) {
      const listener = await bench.follow("room");
      const history = { ...PLENTY, count: 0 };
      const entries = [];
      for (const text of texts(3)) {
        const entry = await bench.publish("room", text, { history });
        sameList(await bench.readAll("room", entry.id), []);
        entries.push(entry);
      }
      assert.equal((await bench.follow("room")).position, entries[2]!.id);
      await listener.hearsOf(entries);
    },
  },
  {
    name: "one channel's bounds are nothing to another",
    async run(bench) {
      const { position } = await bench.follow("large");
      const entries = await bench.publishAll("large", texts(20));
      await outgrow(bench, { ...PLENTY, count: 3 }, "data: 1\n\n");
      sameList(await bench.readAll("large", position), entries);
    },
  },
  {
    name: "what is older than the age leaves the history, and who follows goes on",
    async run(bench) {
      const { advance } = bench.settings;
      const bounds = { ...PLENTY, age: advance === undefined ? SHORT : 60_000 };
      const listener = await bench.follow("room");
      const old = await bench.publishAll("room", texts(5, "old"), { history: bounds });
      await advance?.(60_000);
      const look = () => bench.refuses(["trimmed", "unknown"], "room", listener.position);
      await (advance === undefined ? bench.eventually(look) : look());
      const fresh = await bench.publish("room", "data: new\n\n");
      const { position } = await bench.follow("room");
      assert.equal(position, fresh.id);
      if (!bench.settings.lossy) {
        await listener.hasHeard(6, fresh.id);
        const told = listener.told.map(({ entry }) => entry);
        sameList(told, [...old, fresh]);
      }
    },
  },
  {
    name: "what is younger than the age stays in the history",
    async run(bench) {
      const { advance } = bench.settings;
      const { position } = await bench.follow("room");
      const bounds = { ...PLENTY, age: 60_000 };
      const old = await bench.publishAll("room", texts(3, "old"), { history: bounds });
      await advance?.(30_000);
      const fresh = await bench.publishAll("room", texts(3, "new"), { history: bounds });
      await advance?.(29_000);
      sameList(await bench.readAll("room", position), [...old, ...fresh]);
      if (advance === undefined) return;
      await advance(1_000);
      await bench.refuses("trimmed", "room", position);
      sameList(await bench.readAll("room", old[2]!.id), fresh);
    },
  },
];
