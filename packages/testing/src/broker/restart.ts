import assert from "node:assert/strict";
import { PLENTY } from "./bench.js";
import { type Promised, texts } from "./promised.js";
import type { Settings } from "./options.js";
import { sameList } from "./same.js";

const persists = ({ reopen }: Settings): boolean => reopen !== undefined;

/** What a broker that persists still knows when it is opened again. */
export const restart: readonly Promised[] = [
  {
    name: "a history outlives a restart, with its ids, kinds and texts",
    when: persists,
    async run(bench) {
      const { position } = await bench.follow("room");
      const entries = [
        ...(await bench.publishAll("room", texts(50))),
        await bench.publish("room", "data: é \u{1f6b0}\n\n", { kind: "json" }),
        await bench.publish("room", `data: ${"x".repeat(1_048_576)}\n\n`),
      ];
      for (let round = 0; round < 2; round++) {
        await bench.reopen();
        sameList(await bench.readAll("room", position), entries);
        for (const [at, { id }] of entries.entries())
          sameList(await bench.readAll("room", id), entries.slice(at + 1));
      }
    },
  },
  {
    name: "who comes back after a restart goes on from an old cursor to new entries",
    when: persists,
    async run(bench) {
      const before = await bench.publishAll("room", texts(5, "before"));
      await bench.reopen();
      const listener = await bench.follow("room");
      assert.equal(listener.position, before.at(-1)!.id);
      const after = await bench.publishAll("room", texts(5, "after"));
      await listener.hears(after);
      const all = [...before, ...after];
      sameList(await bench.readAll("room", before[0]!.id), all.slice(1));
      assert.equal(new Set(all.map(({ id }) => id)).size, 10);
      assert.equal(await bench.rewind("room", 7, all.at(-1)!.id), before[2]!.id);
    },
  },
  {
    name: "what has left the history is trimmed after a restart too",
    when: persists,
    async run(bench) {
      const history = { ...PLENTY, count: 3 };
      const entries = await bench.publishAll("room", texts(400), { history });
      await bench.refuses("trimmed", "room", entries[0]!.id);
      await bench.reopen();
      await bench.refuses("trimmed", "room", entries[0]!.id);
      sameList(await bench.readAll("room", entries.at(-4)!.id), entries.slice(-3));
    },
  },
  {
    name: "a channel that has been ended is so after a restart",
    when: persists,
    async run(bench) {
      const first = await bench.publish("room", "data: 1\n\n");
      const end = await bench.end("room");
      await bench.reopen();
      const { position, following } = await bench.follow("room");
      assert.deepEqual([following.ended, position], ["done", end.id]);
      await bench.fails("ERR_CHANNEL_ENDED", () => bench.publish("room", "data: 2\n\n"));
      sameList(await bench.readAll("room", first.id), [end]);
    },
  },
  {
    name: "a channel that has been ended as failed is so after a restart",
    when: persists,
    async run(bench) {
      const first = await bench.publish("room", "data: 1\n\n");
      const end = await bench.end("room", PLENTY, "cancelled");
      await bench.reopen();
      const { position, following } = await bench.follow("room");
      assert.deepEqual([following.ended, position], ["cancelled", end.id]);
      sameList(await bench.readAll("room", first.id), [end]);
    },
  },
  {
    name: "other channels' cursors are unknown after a restart too",
    when: persists,
    async run(bench) {
      const ofA = await bench.publishAll("a", texts(3));
      const ofB = await bench.publishAll("b", texts(3));
      await bench.reopen();
      await bench.refuses("unknown", "b", ofA[0]!.id);
      await bench.refuses("unknown", "a", ofB[2]!.id);
    },
  },
];
