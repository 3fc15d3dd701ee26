import { expect, it } from "vitest";
import { BROWSERS, isMissing } from "../browsers/browser.js";
import { browserRestarts } from "./browser-restarts.js";

const browsers = BROWSERS.filter((name) => !isMissing(name));

it.skipIf(browsers.length === 0)(
  "H6: ten times kill -9 in a minute, while pages of browsers are open",
  { timeout: 300_000 },
  async ({ task }) => {
    const seed = Date.now() % 2 ** 31;
    const report = await browserRestarts({ browsers, kills: 10, duration: 60_000, seed });
    const { pages, acknowledged, longestOutage, mostRequests, untold, peakMemory } = report;
    const sum = (count: (page: (typeof pages)[number]) => number): number =>
      pages.reduce((total, page) => total + count(page), 0);
    task.meta.fault = {
      fault: "kill -9 under pages of browsers, history on disk",
      load: `10 kills in 60 s, ${pages.length} pages in ${browsers.join(" and ")}, ${acknowledged} acknowledged, seed ${seed}`,
      lost: sum(({ lost }) => lost),
      doubled: sum(({ doubled }) => doubled),
      leaked: "",
      peakMemory,
      figures: [
        `the longest time without a server was ${longestOutage.toFixed(0)} ms; ${mostRequests} requests are the most that a page may make`,
        ...pages.map(
          (page) =>
            `${page.browser}, ${page.kind}${page.isHidden ? ", hidden" : ""}: ` +
            `${page.reconnects} reconnects, ${page.requests} requests, longest gap ${page.longestGap} ms, ` +
            `back ${page.slowestReturn} ms after a server's start at most, ` +
            `${page.unacknowledged} event(s) without an acknowledgement`,
        ),
      ],
    };
    for (const page of pages) {
      expect(page).toMatchObject({
        lost: 0,
        doubled: 0,
        disordered: 0,
        strange: 0,
        resets: [],
        gaveUp: undefined,
        errors: [],
      });
      expect(page.unacknowledged).toBeGreaterThanOrEqual(untold);
      expect(page.reconnects).toBeGreaterThan(1);
      // Of those that share, one makes the requests.
      expect(page.requests).toBeGreaterThan(page.kind === "shared" ? 0 : page.reconnects);
      expect(page.requests).toBeLessThanOrEqual(mostRequests);
    }
    expect(acknowledged).toBeGreaterThan(300);
  },
);
