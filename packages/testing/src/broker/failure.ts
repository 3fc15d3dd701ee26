import assert from "node:assert/strict";
import { type Entry, SluiceError } from "@sluice/core";
import type { Bench } from "./bench.js";
import type { Settings } from "./options.js";
import { type Promised, texts } from "./promised.js";
import { sameList } from "./same.js";

const canFail = ({ breakStore }: Settings): boolean => breakStore !== undefined;

/**
 * Checks that calls are refused while nothing can be stored.
 *
 * @returns whether it is certain that nothing was stored
 */
async function refused(calls: readonly (() => Promise<Entry>)[]): Promise<boolean> {
  const results = await Promise.allSettled(calls.map((call) => call()));
  let isCertain = true;
  for (const result of results) {
    assert(result.status === "rejected", "what could not be stored was acknowledged");
    const reason: unknown = result.reason;
    assert(reason instanceof SluiceError, `not a SluiceError: ${String(reason)}`);
    if (reason.code === "ERR_OUTCOME_UNKNOWN") isCertain = false;
    else assert.equal(reason.code, "ERR_NOT_STORED");
  }
  return isCertain;
}

/** What is stored of a channel, less what nobody knows of. */
async function known(bench: Bench, after: string, unknown: readonly string[]): Promise<Entry[]> {
  const entries = await bench.readAll("room", after);
  return entries.filter(({ text }) => !unknown.includes(text));
}

/** What becomes of a broker that can't store for a while. */
export const failure: readonly Promised[] = [
  {
    name: "what can't be stored is refused, and neither told nor read",
    when: canFail,
    async run(bench) {
      const listener = await bench.follow("room");
      const entries = await bench.publishAll("room", texts(3, "before"));
      await bench.breakStore();
      const lost = texts(5, "lost");
      const isCertain = await refused(lost.map((text) => () => bench.publish("room", text)));
      await bench.mendStore();
      entries.push(...(await bench.publishAll("room", texts(3, "after"))));
      sameList(await known(bench, listener.position, isCertain ? [] : lost), entries);
      // Of what nobody knows, each may be stored once, and is told then.
      await listener.hears(await bench.readAll("room", listener.position));
    },
  },
  {
    name: "an end that can't be stored ends nothing",
    when: canFail,
    async run(bench) {
      const listener = await bench.follow("room");
      const first = await bench.publish("room", "data: first\n\n");
      await bench.breakStore();
      const isCertain = await refused([() => bench.end("room")]);
      await bench.mendStore();
      if (!isCertain) return;
      assert.equal((await bench.follow("room")).following.ended, undefined);
      await listener.hears([first, await bench.publish("room", "data: second\n\n")]);
    },
  },
  {
    name: "what is stored can be read while nothing more can be, or reading fails and changes nothing",
    when: canFail,
    async run(bench) {
      const { position } = await bench.follow("room");
      const entries = await bench.publishAll("room", texts(10));
      await bench.breakStore();
      const [read] = await Promise.allSettled([bench.readAll("room", position)]);
      await bench.mendStore();
      if (read.status === "fulfilled") sameList(read.value, entries);
      sameList(await bench.readAll("room", position), entries);
    },
  },
  {
    name: "who joins while nothing can be stored hears of what is stored afterwards, or is refused",
    when: canFail,
    async run(bench) {
      for (const room of ["room", "new"]) {
        if (room === "room") await bench.publish(room, "data: before\n\n");
        await bench.breakStore();
        const [joined] = await Promise.allSettled([bench.follow(room)]);
        await bench.mendStore();
        const entries = await bench.publishAll(room, texts(3));
        if (joined.status === "fulfilled") await joined.value.hears(entries);
        assert.equal((await bench.follow(room)).position, entries.at(-1)!.id);
      }
    },
  },
];
