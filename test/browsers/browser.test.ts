import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Browser, BROWSERS, type BrowserPage, isMissing, openBrowser } from "./browser.js";

/** What the pages of these tests keep. */
interface World {
  channel: BroadcastChannel;
  heard: unknown[];
  leads: boolean;
}

for (const name of BROWSERS) {
  describe.skipIf(isMissing(name))(`pages of ${name}`, { timeout: 60_000 }, () => {
    let server: Server;
    let browser: Browser;
    let url: string;

    beforeAll(async () => {
      server = createServer((_request, response) => {
        response.setHeader("Content-Type", "text/html").end("<!doctype html><title>page</title>");
      });
      await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      browser = await openBrowser(name);
    }, 60_000);

    afterAll(async () => {
      await browser[Symbol.asyncDispose]();
      server.closeAllConnections();
      server.close();
    });

    it("are tabs that share a BroadcastChannel and Web Locks, and can be closed alone", async () => {
      const pages: BrowserPage[] = [];
      for (let n = 0; n < 8; n++) pages.push(await browser.newPage(url));
      for (const page of pages) {
        await page.evaluate(() => {
          const world = globalThis as unknown as World;
          world.heard = [];
          world.channel = new BroadcastChannel("tabs");
          world.channel.addEventListener("message", ({ data }) => world.heard.push(data));
          void navigator.locks.request("leader", () => {
            world.leads = true;
            return new Promise(() => {});
          });
        });
      }
      const leads = (): boolean => (globalThis as unknown as World).leads;
      const [first, ...others] = pages as [BrowserPage, ...BrowserPage[]];
      await first.waitFor(leads);
      await first.evaluate('channel.postMessage("hello")');
      for (const page of others) {
        const heard = await page.waitFor(() => {
          const { heard } = globalThis as unknown as World;
          return heard.length > 0 && heard;
        });
        expect(heard).toEqual(["hello"]);
        expect(await page.evaluate<boolean | undefined>("globalThis.leads")).toBeUndefined();
      }

      await first.close();
      await first.close();
      await others[0]!.waitFor(leads);
      for (const page of others) await page.close();
    });

    it("tell what they throw, what they log as an error and what could not be loaded", async () => {
      await using page = await browser.newPage(url);
      await page.evaluate(() => {
        queueMicrotask(() => {
          throw new Error("not caught");
        });
        console.error("logged");
      });
      await expect.poll(() => page.errors).toHaveLength(2);
      expect(page.errors).toEqual(
        expect.arrayContaining([expect.stringContaining("not caught"), "logged"]),
      );
      const error = page.evaluate(() => {
        throw new TypeError("thrown here");
      });
      await expect(error).rejects.toThrow("thrown here");

      await page.evaluate(() => void new EventSource("http://127.0.0.1:1/"));
      await expect.poll(() => page.networkErrors.length).toBeGreaterThan(0);
      expect(page.errors).toHaveLength(2);
    });
  });
}
