import assert from "node:assert/strict";
import type { PromisedRun } from "./promised-run.js";
import { LONG, newRun } from "./run-bench.js";
import type { RunSettings } from "./options.js";

/** Keys, each another one. */
const KEYS = [
  ["a", "A", "a ", " a", "a/b", "a//b", "a/", "/a", "a:b", "a::b", "a.b", "a.*", "a*", "*", ">"],
  ["answer:1", "answer:10", "{answer}", "{answer}:1", "{}", "}{", "}", "{", "{}a", "[a]", "(a)"],
  ["__proto__", "constructor", "toString", "undefined", "null", "0", "-1", "#", "a#b", "a,b", "?"],
  ["é", "e\u0301", "ß", "ss", "日本", "日本語", "\u{1f6b0}", "\u202ea", "\u00a0", "\ufeffa", "ﬁ"],
  ["a".repeat(1_000), "a".repeat(1_001), "語".repeat(1_000), "fi", "%2F", "%7D", "%", "a;b", "'"],
  ["../a", "a=b", "a&b", "a\u2028b", "SELECT 1", "run", "lease", "watch", '"', "\\", "\\0", ""],
  ["a\nb", "a\0b", "\n", "\u0000", "a\tb", "\u007f"],
].flat();

const persists = ({ reopen }: RunSettings): boolean => reopen !== undefined;

/** What keeps the runs of one key, and of one store, apart from those of others; and what lasts. */
export const keys: readonly PromisedRun[] = [
  {
    name: "a key may be any text, and its runs are none of any other key",
    async run(bench) {
      await Promise.all(KEYS.map((key, at) => bench.start(key, `attempt ${at}`)));
      for (const [at, key] of KEYS.entries())
        assert.equal((await bench.found(key)).attempt, `attempt ${at}`, JSON.stringify(key));
      for (const [at, key] of KEYS.entries())
        if (at % 3 === 0) await bench.end(key, `attempt ${at}`);
      for (const [at, key] of KEYS.entries())
        if (at % 3 === 1) await bench.end(key, `attempt ${at}`, 0);
      for (const [at, key] of KEYS.entries()) {
        const found = await bench.store.find(key);
        assert.equal(found?.state, ["done", undefined, "running"][at % 3], JSON.stringify(key));
        const { held } = await bench.store.renew(key, `attempt ${at}`, LONG);
        assert.equal(held, at % 3 === 2, JSON.stringify(key));
      }
    },
  },
  {
    name: "channel, principal and note are given back as they were claimed, whatever is in them",
    async run(bench) {
      for (const [at, text] of KEYS.entries()) {
        const run = {
          attempt: `attempt ${at}`,
          channel: text,
          principal: `${text} ${text}`,
          note: text.padEnd(1_000, text),
        };
        assert.equal(await bench.store.claim(`key ${at}`, run, undefined, LONG), true);
        const { attempt, channel, principal, note } = await bench.found(`key ${at}`);
        assert.deepEqual({ attempt, channel, principal, note }, run);
      }
    },
  },
  {
    name: "two stores that share no records know nothing of each other's runs",
    async run(bench) {
      const other = await bench.another();
      await bench.start("key", "a");
      assert.equal(await other.find("key"), undefined);
      assert.equal((await other.renew("key", "a", LONG)).held, false);
      const run = newRun("b");
      assert.equal(await other.claim("key", run, undefined, LONG), true);
      assert.equal((await bench.found("key")).attempt, "a");
    },
  },
  {
    name: "runs that have ended outlive a restart",
    when: persists,
    async run(bench) {
      await bench.start("key", "a");
      const ended = { state: "failed", events: 12 } as const;
      await bench.store.finish("key", "a", ended, LONG);
      const before = await bench.found("key");
      for (let round = 0; round < 2; round++) {
        await bench.reopen();
        assert.deepEqual(await bench.found("key"), before);
      }
      await bench.start("key", "b", "a");
      assert.equal((await bench.found("key")).attempt, "b");
    },
  },
  {
    name: "a run that was running is still there after a restart, and can be ended and followed",
    when: persists,
    async run(bench) {
      await bench.start("key", "a");
      const { held: _, ...before } = await bench.found("key");
      await bench.reopen();
      const { held: __, ...after } = await bench.found("key");
      assert.deepEqual(after, before);
      const lost = { state: "lost", events: 0 } as const;
      assert.equal(await bench.store.finish("key", "a", lost, LONG), true);
      await bench.start("key", "b", "a");
    },
  },
  {
    name: "what is kept no longer is forgotten after a restart too",
    when: persists,
    async run(bench) {
      await bench.start("key", "a");
      await bench.end("key", "a", bench.short);
      await bench.reopen();
      await bench.lapse(async () => assert.equal(await bench.store.find("key"), undefined));
      await bench.start("key", "b");
    },
  },
];
