import { expect, it } from "vitest";
import { BROWSERS, isMissing } from "../browsers/browser.js";
import { browserRestarts } from "./browser-restarts.js";

const browsers = BROWSERS.filter((name) => !isMissing(name));

it.skipIf(browsers.length === 0)(
  "H6: pages have every event once and in order after three times kill -9",
  { timeout: 150_000 },
  async () => {
    const report = await browserRestarts({ browsers, kills: 3, duration: 6_000, seed: 20_26 });
    expect(report.acknowledged).toBeGreaterThan(20);
    expect(report.pages).toHaveLength(4 * browsers.length);
    for (const page of report.pages) {
      expect(page).toMatchObject({
        lost: 0,
        doubled: 0,
        disordered: 0,
        strange: 0,
        resets: [],
        gaveUp: undefined,
        errors: [],
      });
      expect(page.unacknowledged).toBeGreaterThanOrEqual(report.untold);
      expect(page.reconnects).toBeGreaterThan(0);
      // Of those that share, one makes the requests.
      expect(page.requests).toBeGreaterThan(page.kind === "shared" ? 0 : page.reconnects);
      expect(page.requests).toBeLessThanOrEqual(report.mostRequests);
    }
  },
);
