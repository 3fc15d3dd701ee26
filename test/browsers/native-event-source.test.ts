import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Controller, HttpError, LastEventId, MemoryBroker, RESET_EVENT, Sse } from "@sluice/core";
import { LmdbBroker } from "@sluice/lmdb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Browser, BROWSERS, isMissing, openBrowser } from "./browser.js";
import { startFeedServer } from "./feed-server.js";
import { type Heard, heardAtLeast, heardTheEnd, listen } from "./listen.js";
import { startPageServer } from "./page-server.js";

const numbersOf = ({ events }: Heard): number[] =>
  events.filter(({ name }) => name === "n").map(({ data }) => Number(data));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "sluice-browsers-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

/** Firefox waits so long at least before it reconnects, in milliseconds. */
const SHORTEST_WAIT = { chromium: 0, firefox: 500 };

describe.each(BROWSERS)("the EventSource of %s", (name) => {
  describe.skipIf(isMissing(name))("and Sluice", { timeout: 60_000 }, () => {
    let browser: Browser;

    beforeAll(async () => {
      browser = await openBrowser(name);
    }, 60_000);

    afterAll(() => browser[Symbol.asyncDispose]());

    it("W1, W2: each listener gets its events in order, text as it was and all else as JSON", async () => {
      const text = "a\nb\rc\r\n d\u2028e \u{1F30A}";
      @Controller("story")
      class StoryController {
        @Sse()
        *story() {
          yield { event: "told", id: "1", data: text };
          yield { data: { title: "Two" } };
          yield { comment: "not for listeners" };
          yield { event: "told", id: "3", data: "" };
          yield { event: "unheard", data: 4 };
          yield { event: "error", data: "of the server" };
          yield { data: false };
        }
      }
      await using server = await startPageServer({ controllers: [StoryController] });
      await using page = await browser.newPage(server.url);
      await listen(page, "/story", ["told", "message", "error"]);
      const { events } = await heardAtLeast(page, { events: 5 });
      expect(events).toEqual([
        { name: "told", id: "1", data: text.replaceAll(/\r\n?/g, "\n") },
        { name: "message", id: "1", data: '{"title":"Two"}' },
        { name: "told", id: "3", data: "" },
        { name: "error", id: "3", data: "of the server" },
        { name: "message", id: "3", data: "false" },
      ]);
      expect(page.errors).toEqual([]);
    });

    it("C3: returned means done: one further request, answered 204, and readyState is 2", async () => {
      let started = 0;
      @Controller("finite")
      class FiniteController {
        @Sse("", { retry: 100 })
        *finite() {
          started++;
          for (const n of [1, 2, 3]) yield { event: "n", id: `${n}`, data: n };
        }
      }
      await using server = await startPageServer({ controllers: [FiniteController] });
      await using page = await browser.newPage(server.url);
      await listen(page, "/finite", ["n", "sluice.end"]);
      const heard = await heardTheEnd(page);
      expect(numbersOf(heard)).toEqual([1, 2, 3]);
      expect(heard.events.at(-1)).toEqual({
        name: "sluice.end",
        data: '{"outcome":"done"}',
        id: "3#end",
      });
      expect(heard).toMatchObject({ opens: 1, states: [0, 2] });
      expect(server.requests).toMatchObject([
        { status: 200, lastEventId: undefined },
        { status: 204, lastEventId: "3#end" },
      ]);
      expect(started).toBe(1);
    });

    it("C4: thrown means retry with the last id; a 4xx is final, before the head or after it", async () => {
      @Controller("throws")
      class ThrowingController {
        @Sse("", { retry: 100 })
        *throws(@LastEventId() last?: string) {
          if (last === undefined) {
            yield { event: "n", id: "1", data: 1 };
            throw new Error("The database restarts.");
          }
          yield { event: "n", id: "2", data: 2 };
          throw new HttpError(410, "No more of this.");
        }

        @Sse("gone")
        *gone() {
          yield* [];
          throw new HttpError(404, "There is no such stream.");
        }
      }
      await using server = await startPageServer({ controllers: [ThrowingController] });
      await using page = await browser.newPage(server.url);
      await listen(page, "/throws", ["n", "sluice.end"]);
      const { events, states } = await heardTheEnd(page);
      expect(events).toEqual([
        { name: "n", id: "1", data: "1" },
        { name: "n", id: "2", data: "2" },
        { name: "sluice.end", id: "2#end", data: '{"outcome":"failed"}' },
      ]);
      expect(states).toEqual([0, 0, 2]);
      expect(server.requests.map(({ status }) => status)).toEqual([200, 200, 204]);

      await listen(page, "/throws/gone", []);
      expect(await heardTheEnd(page)).toMatchObject({ opens: 0, states: [2] });
    });

    it("O5, W3: ?lastEventId= begins, the header wins later, and an id beyond ASCII stays what it is", async () => {
      const started: (string | undefined)[] = [];
      @Controller("ids")
      class IdController {
        @Sse("", { retry: 100 })
        *ids(@LastEventId() last?: string) {
          started.push(last);
          if (started.length === 3) return;
          yield { event: "n", id: `é-水-\u{1F30A} ${started.length}`, data: 0 };
          throw new Error("again");
        }
      }
      await using server = await startPageServer({ controllers: [IdController] });
      await using page = await browser.newPage(server.url);
      await listen(page, `/ids?lastEventId=${encodeURIComponent("für den Anfang")}`, ["n"]);
      await heardTheEnd(page);
      expect(started).toEqual(["für den Anfang", "é-水-\u{1F30A} 1", "é-水-\u{1F30A} 2"]);
    });

    it("W4: it waits as long as the last `retry` says", async () => {
      const waits = [1_000, 50];
      @Controller("pace")
      class PaceController {
        @Sse()
        *pace() {
          const retry = waits[server.requests.length - 1];
          if (retry === undefined) return;
          yield { retry };
          throw new Error("again");
        }
      }
      await using server = await startPageServer({ controllers: [PaceController] });
      await using page = await browser.newPage(server.url);
      await listen(page, "/pace", []);
      await heardTheEnd(page);
      const { requests } = server;
      for (const [n, wait] of waits.entries()) {
        const waited = requests[n + 1]!.at - requests[n]!.endedAt!;
        const due = Math.max(wait, SHORTEST_WAIT[name]);
        // The end is seen on both sides at nearly the same time. Without `retry` it takes 3 s or more.
        expect(waited).toBeGreaterThan(due - 100);
        expect(waited).toBeLessThan(due + 1_900);
      }
    });

    it.each([
      ["H2", "a channel", "/feed/a", ["a"]],
      ["H7", "a merge", "/feed/both", ["a", "b"]],
    ])(
      "%s: %s resumes after each cut, the events of each channel in order and once",
      async (_promise, _what, path, names) => {
        await using server = await startFeedServer(new MemoryBroker());
        await using page = await browser.newPage(server.url);
        await listen(page, path, ["n", RESET_EVENT]);
        await heardAtLeast(page, { opens: 1 });
        let published = 0;
        for (const how of ["end", "reset", "end"] as const) {
          // The first are on their way at the cut, the last come while nobody listens.
          await server.publish(published, 50, names);
          await heardAtLeast(page, { events: published + 1 });
          await server.publish(published + 50, 50, names);
          server.cut(how);
          await server.publish(published + 100, 50, names);
          published += 150;
        }
        const heard = await heardAtLeast(page, { events: published });
        for (const at of names.keys()) {
          const isOfThis = (n: number): boolean => n % names.length === at;
          expect(numbersOf(heard).filter(isOfThis)).toEqual(upTo(published).filter(isOfThis));
        }
        expect(heard.events).toHaveLength(published);
        expect(heard).toMatchObject({ opens: 4, states: [0, 0, 0] });
      },
    );

    it("H6, Q4: it goes on with the next server, whether the last one crashed or shut down", async () => {
      using folder = temporaryFolder();
      const { path } = folder;
      const first = await startFeedServer(new LmdbBroker({ path }));
      const { port, url } = first;
      await using page = await browser.newPage(url);
      await listen(page, "/feed/a", ["n", RESET_EVENT]);
      await heardAtLeast(page, { opens: 1 });
      await first.publish(0, 20);
      await heardAtLeast(page, { events: 1 });
      await first.publish(20, 20);
      await first.crash();
      // It is refused, and tries again.
      await heardAtLeast(page, { errors: 2 });

      const second = await startFeedServer(new LmdbBroker({ path }), { port });
      await second.publish(40, 20);
      await heardAtLeast(page, { events: 60 });
      await second.close();

      await using third = await startFeedServer(new LmdbBroker({ path }), { port });
      await third.publish(60, 20);
      const heard = await heardAtLeast(page, { events: 80 });
      expect(numbersOf(heard)).toEqual(upTo(80));
      expect(heard.events).toHaveLength(80);
      expect(heard.opens).toBe(3);
      expect(heard.states.every((state) => state === 0)).toBe(true);
      expect(third.requests).toHaveLength(1);
    });

    it("H3: a listener for sluice.reset hears what can't be resumed, and what follows is whole", async () => {
      const first = await startFeedServer(new MemoryBroker(), { count: 5 });
      await using page = await browser.newPage(first.url);
      await listen(page, "/feed/a", ["n", RESET_EVENT]);
      await heardAtLeast(page, { opens: 1 });
      await first.publish(0, 1);
      await heardAtLeast(page, { events: 1 });
      // More than the history keeps, before it can be back.
      first.cut("end");
      await first.publish(1, 20);
      await heardAtLeast(page, { events: 2 });
      first.cut("end");
      await first.publish(21, 3);
      await heardAtLeast(page, { events: 5 });
      await first.crash();
      await using second = await startFeedServer(new MemoryBroker(), {
        count: 5,
        port: first.port,
      });
      await heardAtLeast(page, { events: 6 });
      await second.publish(24, 1);

      const { events } = await heardAtLeast(page, { events: 7 });
      expect(events.map(({ name, data }) => [name, JSON.parse(data)])).toEqual([
        ["n", 0],
        [RESET_EVENT, { channels: ["a"], reason: "trimmed" }],
        ["n", 21],
        ["n", 22],
        ["n", 23],
        [RESET_EVENT, { channels: ["a"], reason: "unknown" }],
        ["n", 24],
      ]);
    });

    it("has six connections to a host, over all tabs, and goes on in a hidden one", async () => {
      await using server = await startFeedServer(new MemoryBroker());
      await using first = await browser.newPage(server.url);
      await using second = await browser.newPage(server.url);
      await first.evaluate(() => {
        const sources = Array.from({ length: 6 }, () => new EventSource("/feed/a"));
        const state = { sources, heard: 0 };
        for (const source of sources) source.addEventListener("n", () => state.heard++);
        Object.assign(globalThis, { state });
      });
      await first.waitFor<boolean>("state.sources.every(({ readyState }) => readyState === 1)");
      await listen(second, "/feed/a", ["n"]);
      await server.publish(0, 1);
      await first.waitFor<boolean>("state.heard === 6");
      const visibility = await first.evaluate<string>("document.visibilityState");
      if (name === "firefox") expect(visibility).toBe("hidden");
      expect(server.requests).toHaveLength(6);

      await first.evaluate("state.sources[0].close()");
      await heardAtLeast(second, { opens: 1 });
      await server.publish(1, 1);
      expect(numbersOf(await heardAtLeast(second, { events: 1 }))).toEqual([1]);
      expect(server.requests).toHaveLength(7);
    });

    it("gives up at a host that has no address if it is Firefox, and tries again if it is Chromium", async () => {
      await using server = await startPageServer({ controllers: [] });
      await using page = await browser.newPage(server.url);
      await listen(page, "http://no-such-host.invalid/", []);
      const { states } = await heardAtLeast(page, { errors: 1 });
      expect(states[0]).toBe(name === "firefox" ? 2 : 0);
    });
  });
});
