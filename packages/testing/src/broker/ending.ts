import assert from "node:assert/strict";
import { PLENTY } from "./bench.js";
import { type Promised, texts } from "./promised.js";
import { sameList } from "./same.js";

/** The end of a channel, and that of a broker. */
export const ending: readonly Promised[] = [
  {
    name: "the end of a channel is told to who listens and to who comes later",
    async run(bench) {
      const listener = await bench.follow("room");
      assert.equal(listener.following.ended, undefined);
      const entries = [await bench.publish("room", "data: last\n\n"), await bench.end("room")];
      await listener.hears(entries);
      const late = await bench.follow("room");
      assert.equal(late.following.ended, "done");
      assert.equal(late.position, entries[1]!.id);
    },
  },
  {
    name: "the outcome of an end is kept, and told to who listens and to who comes later",
    async run(bench) {
      for (const outcome of ["failed", "cancelled"] as const) {
        const listener = await bench.follow(outcome);
        const entries = [
          await bench.publish(outcome, "data: last\n\n"),
          await bench.end(outcome, PLENTY, outcome),
        ];
        await listener.hears(entries);
        sameList(await bench.readAll(outcome, listener.position), entries);
        const late = await bench.follow(outcome);
        assert.deepEqual(
          [late.following.ended, late.position],
          [outcome, entries[1]!.id],
          `a channel whose end has the text \`${outcome}\` has ended as ${outcome}`,
        );
      }
    },
  },
  {
    name: "of several ends the first one counts, with its outcome",
    async run(bench) {
      const listener = await bench.follow("room");
      const last = bench.publish("room", "data: last\n\n");
      const end = bench.end("room", PLENTY, "failed");
      const again = bench.fails("ERR_CHANNEL_ENDED", () => bench.end("room"));
      const entries = await Promise.all([last, end]);
      await again;
      await bench.fails("ERR_CHANNEL_ENDED", () => bench.end("room"));
      await listener.hears(entries);
      assert.equal((await bench.follow("room")).following.ended, "failed");
    },
  },
  {
    name: "nothing can be published to a channel that has been ended, and nothing of it is told",
    async run(bench) {
      const listener = await bench.follow("room");
      const entries = [...(await bench.publishAll("room", texts(2))), await bench.end("room")];
      await bench.fails("ERR_CHANNEL_ENDED", () => bench.publish("room", "data: more\n\n"));
      await bench.fails("ERR_CHANNEL_ENDED", () => bench.end("room"));
      sameList(await bench.readAll("room", listener.position), entries);
      await listener.hears(entries);
    },
  },
  {
    name: "what is published in the same turn as the end is stored before it and refused behind it",
    async run(bench) {
      const listener = await bench.follow("room");
      const before = bench.publishAll("room", texts(3));
      const end = bench.end("room");
      const behind = bench.fails("ERR_CHANNEL_ENDED", () => bench.publish("room", "data: b\n\n"));
      const again = bench.fails("ERR_CHANNEL_ENDED", () => bench.end("room"));
      const [stored, last] = await Promise.all([before, end, behind, again]);
      const entries = [...stored, last];
      await listener.hears(entries);
      sameList(await bench.readAll("room", listener.position), entries);
    },
  },
  {
    name: "a channel that has been ended can still be read and gone back in",
    async run(bench) {
      const { position } = await bench.follow("room");
      const entries = [...(await bench.publishAll("room", texts(5))), await bench.end("room")];
      for (const [at, { id }] of entries.entries())
        sameList(await bench.readAll("room", id), entries.slice(at + 1));
      const { id } = entries.at(-1)!;
      sameList(await bench.readAll("room", position, { through: id }), entries);
      assert.equal(await bench.rewind("room", 3, id), entries[2]!.id);
    },
  },
  {
    name: "the end is remembered for its age, although the history keeps no events",
    async run(bench) {
      const history = { ...PLENTY, count: 0, bytes: 0 };
      await bench.publish("room", "data: 1\n\n", { history });
      const { id } = await bench.end("room", history, "failed");
      await bench.fails("ERR_CHANNEL_ENDED", () => bench.publish("room", "data: 2\n\n"));
      const { position, following } = await bench.follow("room");
      assert.deepEqual([following.ended, position], ["failed", id]);
    },
  },
  {
    name: "other channels go on when one has been ended",
    async run(bench) {
      const listener = await bench.follow("other");
      const first = await bench.publish("other", "data: 1\n\n");
      await bench.end("room");
      await listener.hears([first, await bench.publish("other", "data: 2\n\n")]);
      assert.equal((await bench.follow("other")).following.ended, undefined);
    },
  },
  {
    name: "a broker that is closed refuses to publish and to follow",
    async run(bench) {
      await bench.publish("room", "data: 1\n\n");
      await bench.close();
      for (const channel of ["room", "unused"]) {
        await bench.fails("ERR_BROKER_CLOSED", () => bench.publish(channel, "data: 2\n\n"));
        await bench.fails("ERR_BROKER_CLOSED", () => bench.follow(channel));
      }
    },
  },
  {
    name: "closing a broker again does nothing, not even at the same time",
    async run(bench) {
      await bench.publish("room", "data: 1\n\n");
      await Promise.all([bench.close(), bench.close()]);
      await bench.close();
    },
  },
  {
    name: "after the close nothing is told, and stopping does nothing",
    async run(bench) {
      const listener = await bench.follow("room");
      const first = await bench.publish("room", "data: 1\n\n");
      await listener.hears([first]);
      await bench.close();
      const told = listener.told.length;
      await bench.fails("ERR_BROKER_CLOSED", () => bench.publish("room", "data: 2\n\n"));
      await bench.quiet();
      assert.equal(listener.told.length, told);
      listener.stop();
      listener.stop();
    },
  },
  {
    name: "a follower may close the broker while it is told",
    async run(bench) {
      const listener = bench.listener("room");
      const other = await bench.follow("room");
      let closing: Promise<void> | undefined;
      listener.onEntry = () => void (closing ??= bench.close());
      await listener.follow();
      const entry = await bench.publish("room", "data: 1\n\n");
      // A lossy broker may never tell of it.
      if (bench.settings.lossy) listener.onEntry({ previous: listener.position, entry });
      else await listener.hasHeard(1, entry.id);
      await closing;
      const told = listener.told.length + other.told.length;
      await bench.fails("ERR_BROKER_CLOSED", () => bench.publish("room", "data: 2\n\n"));
      await bench.quiet();
      assert.equal(listener.told.length + other.told.length, told);
    },
  },
  {
    name: "what is published when the broker closes is stored whole, or refused",
    async run(bench) {
      const { position } = await bench.follow("room");
      const first = await bench.publish("room", "data: first\n\n");
      const publishing = Promise.allSettled(texts(20).map((text) => bench.publish("room", text)));
      await bench.close();
      const results = await publishing;
      const entries = results.flatMap((result) =>
        result.status === "fulfilled" ? [result.value] : [],
      );
      if (bench.settings.reopen === undefined) return;
      await bench.reopen();
      sameList(await bench.readAll("room", position), [first, ...entries]);
    },
  },
];
