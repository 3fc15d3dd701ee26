import assert from "node:assert/strict";
import type { Entry } from "@sluice/core";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Listener } from "./listener.js";
import { type Promised, texts } from "./promised.js";

/** Joining a channel, hearing of it and leaving it. */
export const join: readonly Promised[] = [
  {
    name: "who joins is told what comes after the position, and nothing from before",
    async run(bench) {
      const before = await bench.publishAll("room", texts(5, "before"));
      const listener = await bench.follow("room");
      assert.equal(listener.position, before.at(-1)!.id);
      await listener.hears(await bench.publishAll("room", texts(5, "after")));
    },
  },
  {
    name: "who joins while entries are published gets each one, from the history or told, and none twice",
    async run(bench) {
      const first = await bench.follow("room");
      const published: Promise<Entry>[] = [];
      const joined: Promise<Listener>[] = [];
      for (const [at, text] of texts(120).entries()) {
        published.push(bench.publish("room", text));
        if (at % 10 === 3) joined.push(bench.follow("room"));
        if (at % 15 === 7) await nextTurn();
        if (at % 40 === 20) await Promise.all([...published, ...joined]);
      }
      const [entries, listeners] = await Promise.all([Promise.all(published), Promise.all(joined)]);
      for (const listener of listeners) {
        const at = entries.findIndex(({ id }) => id === listener.position);
        assert(
          at !== -1 || listener.position === first.position,
          `the position ${listener.position} is none of the channel's`,
        );
        await listener.hears(entries.slice(at + 1));
      }
      await first.hears(entries);
    },
  },
  {
    name: "who joins a channel that nobody has published to hears of its first entry",
    async run(bench) {
      const listener = await bench.follow("room");
      assert.equal(listener.following.ended, undefined);
      await bench.publish("other", "data: other\n\n");
      await listener.hears([await bench.publish("room", "data: first\n\n")]);
    },
  },
  {
    name: "everyone who follows a channel is told",
    async run(bench) {
      const listeners = await Promise.all([1, 2, 3].map(() => bench.follow("room")));
      const entries = await bench.publishAll("room", texts(10));
      for (const listener of listeners) await listener.hears(entries);
    },
  },
  {
    name: "after stop nothing is told, even of what was on its way",
    async run(bench) {
      const stopped = await bench.follow("room");
      const stays = await bench.follow("room");
      const entries = [await bench.publish("room", "data: 0\n\n")];
      await stopped.hears(entries);
      const published = bench.publishAll("room", texts(10));
      stopped.stop();
      entries.push(...(await published), ...(await bench.publishAll("room", texts(10))));
      await stays.hears(entries);
      assert.deepEqual(stopped.late, []);
    },
  },
  {
    name: "stopping twice does nothing, neither to others nor to oneself when following anew",
    async run(bench) {
      const listener = await bench.follow("room");
      const other = await bench.follow("room");
      const before = listener.following;
      before.stop();
      before.stop();
      await listener.follow();
      before.stop();
      const entries = await bench.publishAll("room", texts(3));
      await listener.hears(entries);
      await other.hears(entries);
    },
  },
  {
    name: "a follower may stop itself while it is told",
    async run(bench) {
      const listener = bench.listener("room");
      listener.onEntry = () => listener.stop();
      await listener.follow();
      const stays = await bench.follow("room");
      const entries = await bench.publishAll("room", texts(5));
      await stays.hears(entries);
      assert.deepEqual(listener.late, []);
      if (!bench.settings.lossy) assert.deepEqual(listener.told[0]?.entry, entries[0]);
    },
  },
  {
    name: "a follower that stops another while it is told keeps the other from being told",
    async run(bench) {
      const first = bench.listener("room");
      const second = bench.listener("room");
      first.onEntry = () => second.stop();
      second.onEntry = () => first.stop();
      await first.follow();
      await second.follow();
      const stays = await bench.follow("room");
      await stays.hears(await bench.publishAll("room", texts(3)));
      assert.deepEqual([first.late, second.late], [[], []]);
    },
  },
  {
    name: "a follower may publish while it is told, and everyone is told in order",
    async run(bench) {
      const eager = bench.listener("room");
      const answered = new Promise<Entry>((resolve, reject) => {
        eager.onEntry = () => {
          eager.onEntry = undefined;
          bench.publish("room", "data: answer\n\n").then(resolve, reject);
        };
      });
      await eager.follow();
      const other = await bench.follow("room");
      const first = await bench.publish("room", "data: question\n\n");
      // A lossy broker may never tell of the first.
      if (bench.settings.lossy) eager.onEntry?.({ previous: eager.position, entry: first });
      const entries = [first, await answered];
      await eager.hears(entries);
      await other.hears(entries);
    },
  },
  {
    name: "who joins while an entry is told is told only what comes after the position",
    async run(bench) {
      const first = bench.listener("room");
      const joined: Promise<Listener>[] = [];
      first.onEntry = () => joined.push(bench.follow("room"));
      await first.follow();
      const entries = await bench.publishAll("room", texts(4));
      await first.hears(entries);
      for (const listener of await Promise.all(joined)) {
        const at = entries.findIndex(({ id }) => id === listener.position);
        assert(at !== -1, `the position ${listener.position} is none that was told`);
        await listener.hears(entries.slice(at + 1));
      }
    },
  },
];
