import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LmdbBroker } from "@sluice/lmdb";
import { build, defaultClientConditions, type Rolldown } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RoomPage } from "../../packages/react/test/room-page.js";
import { type Browser, type BrowserPage, BROWSERS, isMissing, openBrowser } from "./browser.js";
import { startFeedServer } from "./feed-server.js";

const PAGE = fileURLToPath(new URL("../../packages/react/test/room-page.ts", import.meta.url));

/** The page's code, with the React of development, whose StrictMode runs each effect twice. */
async function bundlePage(): Promise<string> {
  const result = (await build({
    configFile: false,
    logLevel: "silent",
    mode: "development",
    define: { "process.env.NODE_ENV": '"development"' },
    resolve: { conditions: ["@sluice/source", ...defaultClientConditions] },
    build: {
      write: false,
      minify: false,
      rolldownOptions: { input: PAGE, output: { format: "iife" } },
    },
  })) as Rolldown.RolldownOutput;
  return result.output[0].code;
}

/** What a page shows once it shows so many numbers. */
async function showing(page: BrowserPage, count: number) {
  const shown = await page.waitFor((count) => {
    const textOf = (id: string): string => document.getElementById(id)?.textContent ?? "";
    const [data, events] = [textOf("data"), textOf("events")];
    if (data.split(" ").length < count) return undefined;
    return { data, events, ...(globalThis as unknown as { page: RoomPage }).page };
  }, count);
  return shown!;
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

describe.each(BROWSERS)("useSse in %s", (name) => {
  describe.skipIf(isMissing(name))("under StrictMode", { timeout: 30_000 }, () => {
    let browser: Browser;
    let code: string;
    let path: string;

    beforeAll(async () => {
      path = mkdtempSync(join(tmpdir(), "sluice-react-"));
      [browser, code] = await Promise.all([openBrowser(name), bundlePage()]);
    }, 60_000);

    afterAll(async () => {
      await browser[Symbol.asyncDispose]();
      rmSync(path, { recursive: true });
    });

    it("shows each event once, in order, though the server crashes and another takes over", async () => {
      const first = await startFeedServer(new LmdbBroker({ path }));
      const { port, url } = first;
      await using page = await browser.newPage(url);
      await page.evaluate(code);
      await page.waitFor(() => document.getElementById("state")?.textContent === "open");
      await first.publish(0, 20);
      await showing(page, 20);
      expect(first.requests).toHaveLength(1);
      await first.publish(20, 20);
      await first.crash();
      await page.waitFor(() => document.getElementById("state")?.textContent === "waiting");

      await using second = await startFeedServer(new LmdbBroker({ path }), { port });
      await second.publish(40, 500);
      const { data, events, heard, shown } = await showing(page, 540);
      expect(data).toBe(upTo(540).join(" "));
      expect(events).toBe(upTo(540).join(" "));
      expect(heard).toEqual(upTo(540));
      // The 500 came together.
      expect(shown).toBeLessThan(100);
      expect(page.errors).toEqual([]);
      const [resumed] = second.requests;
      expect(resumed?.endedAt).toBeUndefined();

      await page.evaluate(() => document.querySelector("button")?.click());
      await page.waitFor(() => document.body.textContent === "gone");
      await expect.poll(() => resumed?.endedAt).toBeDefined();
      expect(second.requests.filter(({ status }) => status === 200)).toHaveLength(1);
    });
  });
});
