import assert from "node:assert/strict";
import { type Promised, texts } from "./promised.js";
import { sameList } from "./same.js";

/** The order of entries, their ids, and that each is there once and whole. */
export const order: readonly Promised[] = [
  {
    name: "entries are told and read in the order in which they were published",
    async run(bench) {
      const listener = await bench.follow("room");
      const entries = [];
      for (const text of texts(20)) entries.push(await bench.publish("room", text));
      await listener.hears(entries);
      sameList(await bench.readAll("room", listener.position), entries);
    },
  },
  {
    name: "entries that are published without waiting keep the order of the calls",
    async run(bench) {
      const listener = await bench.follow("room");
      const entries = await bench.publishAll("room", texts(200));
      sameList(await bench.readAll("room", listener.position), entries);
      await listener.hears(entries);
    },
  },
  {
    name: "channels that are published to at the same time keep their orders and their entries apart",
    async run(bench) {
      const rooms = ["a", "b", "c", "d", "e"];
      const listeners = await Promise.all(rooms.map((room) => bench.follow(room)));
      const published = await Promise.all(
        texts(40).map((text) =>
          Promise.all(rooms.map((room) => bench.publish(room, `data: ${room}\n${text}`))),
        ),
      );
      for (const [at, room] of rooms.entries()) {
        const entries = published.map((row) => row[at]!);
        await listeners[at]!.hears(entries);
        sameList(await bench.readAll(room, listeners[at]!.position), entries);
      }
    },
  },
  {
    name: "no two entries of a channel have the same id, and none that of the cursor before the first",
    async run(bench) {
      const { position } = await bench.follow("room");
      const entries = await bench.publishAll("room", texts(300, "same"));
      assert.equal(new Set([position, ...entries.map(({ id }) => id)]).size, 301);
    },
  },
  {
    name: "the cursor before the first entry is as legal as an id",
    async run(bench) {
      const { position } = await bench.follow("room");
      assert.match(position, /^[A-Za-z0-9._-]{1,23}$/);
      sameList(await bench.readAll("room", position), []);
    },
  },
  {
    name: "an entry can be read, whole, as soon as its publish has come back",
    async run(bench) {
      const { position } = await bench.follow("room");
      const entries = [];
      for (const text of texts(10)) {
        entries.push(await bench.publish("room", text, { kind: "json" }));
        sameList(await bench.readAll("room", position), entries);
      }
    },
  },
  {
    name: "an entry can be read before it is told",
    async run(bench) {
      const listener = bench.listener("room");
      const seen: Promise<void>[] = [];
      listener.onEntry = ({ previous, entry }) => {
        const read = bench.page("room", previous);
        seen.push(read.then(([first]) => assert.deepEqual(first, entry)));
      };
      await listener.follow();
      await listener.hears(await bench.publishAll("room", texts(20)));
      await Promise.all(seen);
    },
  },
  {
    name: "the kind of an entry is kept",
    async run(bench) {
      const listener = await bench.follow("room");
      const entries = [
        await bench.publish("room", 'data: "a text"\n\n', { kind: "text" }),
        await bench.publish("room", 'data: {"some":"json"}\n\n', { kind: "json" }),
        await bench.end("room"),
      ];
      await listener.hears(entries);
      sameList(await bench.readAll("room", listener.position), entries);
    },
  },
  {
    name: "a broker that needs no waiting returns its results and not promises",
    when: ({ synchronous }) => synchronous,
    async run(bench) {
      const { broker } = bench;
      const listener = bench.listener("room");
      const following = broker.follow("room", listener);
      assert(!(following instanceof Promise), "follow returned a promise");
      const { id } = await bench.publish("room", "data: 1\n\n");
      const page = broker.read("room", following.position, undefined, 1);
      assert(!(page instanceof Promise), "read returned a promise");
      assert.equal(page.refused, undefined);
      assert.equal(broker.rewind("room", 1, id), following.position);
    },
  },
];
