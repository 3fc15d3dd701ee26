import { MemoryBroker } from "@sluice/core";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Browser, BROWSERS, type BrowserPage, isMissing, openBrowser } from "./browser.js";
import { type FeedServer, startFeedServer } from "./feed-server.js";
import type { SharedPage } from "./shared-tabs-page.js";

/** More than the connections that a browser makes to one host over HTTP/1.1. */
const TABS = 8;

interface World {
  page: SharedPage;
}

/** Bundles what the pages run. */
async function bundle(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: "error",
    resolve: { conditions: ["@sluice/source"] },
    build: {
      write: false,
      minify: false,
      lib: {
        entry: new URL("shared-tabs-page.ts", import.meta.url).pathname,
        formats: ["iife"],
        name: "tabs",
      },
    },
  });
  const [{ output }] = built as unknown as [{ output: [{ code: string }] }];
  return output[0].code;
}

/** Publishes a number every 40 ms until it is stopped, and then tells how many there were. */
function publishOn(server: FeedServer): { stop(): Promise<number> } {
  let count = 0;
  let last: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    last = server.publish(count++, 1);
  }, 40);
  return {
    async stop() {
      clearInterval(timer);
      await last;
      return count;
    },
  };
}

for (const name of BROWSERS) {
  describe.skipIf(isMissing(name))(`tabs of ${name}`, { timeout: 60_000 }, () => {
    let browser: Browser;
    let code: string;

    beforeAll(async () => {
      [browser, code] = await Promise.all([openBrowser(name), bundle()]);
    }, 60_000);

    afterAll(() => browser[Symbol.asyncDispose]());

    async function openTab(server: FeedServer): Promise<BrowserPage> {
      const page = await browser.newPage(server.url);
      await page.evaluate(code);
      return page;
    }

    const openCount = ({ requests }: FeedServer): number =>
      requests.filter(({ endedAt }) => endedAt === undefined).length;

    /** Waits until a page has heard so many more. */
    async function hearMore(page: BrowserPage, more: number): Promise<void> {
      const length = await page.evaluate(() => (globalThis as unknown as World).page.heard.length);
      await page.waitFor(
        (least) => (globalThis as unknown as World).page.heard.length >= least,
        length + more,
      );
    }

    /** Expects that a page has heard every number from its first one on, once and in order. */
    async function expectAll(page: BrowserPage, count?: number): Promise<void> {
      const { heard, resets } = await page.evaluate(() => {
        const { heard, resets } = (globalThis as unknown as World).page;
        return { heard, resets };
      });
      expect(heard.length).toBeGreaterThan(0);
      const first = heard[0]!;
      expect(heard).toEqual(Array.from({ length: heard.length }, (_, i) => first + i));
      if (count !== undefined) expect(heard.at(-1)).toBe(count - 1);
      expect(resets).toBe(0);
      expect(page.errors).toEqual([]);
    }

    it("share one connection, and lose and double nothing when the leader closes, until one is left", async () => {
      await using server = await startFeedServer(new MemoryBroker());
      const publishing = publishOn(server);
      const pages: BrowserPage[] = [];
      for (let n = 0; n < TABS; n++) pages.push(await openTab(server));
      for (const page of pages) await hearMore(page, 5);
      await expect.poll(() => openCount(server)).toBe(1);
      const joined = server.requests.length;
      // Whoever does not lead has had one of its own for a moment.
      expect(joined).toBeLessThanOrEqual(TABS);
      for (const page of pages) await hearMore(page, 5);
      expect(server.requests).toHaveLength(joined);
      // Room is left for other requests.
      expect(await pages[0]!.evaluate(() => fetch("/").then(({ status }) => status))).toBe(200);

      for (let left = TABS - 1; left >= 1; left--) {
        const leader = pages.shift()!;
        await expectAll(leader);
        await leader.close();
        for (const page of pages) await hearMore(page, 3);
        await expect.poll(() => openCount(server)).toBe(1);
      }
      // Each of the others has led once, with one connection.
      expect(server.requests).toHaveLength(joined + TABS - 1);
      const count = await publishing.stop();
      await pages[0]!.waitFor(
        (last) => (globalThis as unknown as World).page.heard.at(-1) === last,
        count - 1,
      );
      await expectAll(pages[0]!, count);
      await pages[0]!.close();
    });

    it("go on when the leader's page is put away, which follows again when it comes back", async () => {
      await using server = await startFeedServer(new MemoryBroker());
      const publishing = publishOn(server);
      const first = await openTab(server);
      await hearMore(first, 1);
      const second = await openTab(server);
      await hearMore(second, 1);
      await expect.poll(() => openCount(server)).toBe(1);
      const joined = server.requests.length;

      // As for the back/forward cache, which a driven browser may not have.
      await first.evaluate(() => dispatchEvent(new Event("pagehide")));
      await expect.poll(() => server.requests.length).toBe(joined + 1);
      await hearMore(second, 3);
      await first.evaluate(() => dispatchEvent(new Event("pageshow")));
      await hearMore(first, 3);
      await expect.poll(() => openCount(server)).toBe(1);
      const count = await publishing.stop();
      for (const page of [first, second]) {
        await page.waitFor(
          (last) => (globalThis as unknown as World).page.heard.at(-1) === last,
          count - 1,
        );
        await expectAll(page, count);
        await page.close();
      }
    });
  });
}
