import { expect, it } from "vitest";
import { behindNginx, PROXY_CASES } from "./behind-nginx.js";
import { noNginx } from "./nginx.js";

it.skipIf(noNginx)(
  "Q1: nginx passes each event on at once, compressed or not, and keep-alive comments hold its connections",
  async () => {
    const { cases, silent, heedless, leaked } = await behindNginx(1_000, 300);
    for (const { name, coding = "identity" } of PROXY_CASES) {
      const report = cases.get(name)!;
      expect({ name, ...report }).toMatchObject({
        name,
        coding,
        outlastsSilence: true,
        lost: 0,
        doubled: 0,
      });
      expect(Math.max(report.first, report.slowest)).toBeLessThan(1_000);
    }
    expect(silent).toMatchObject({ lost: 0, doubled: 0 });
    expect(silent.lasted).toBeLessThan(3_000);
    // It is the header that does it.
    expect(heedless).toBe(0);
    expect(leaked).toBe(0);
  },
  60_000,
);
