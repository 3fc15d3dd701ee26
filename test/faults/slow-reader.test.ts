import { expect, it } from "vitest";
import { SLOW_CASES, slowReader } from "./slow-reader.js";

it.each(SLOW_CASES)(
  "H5: a client that stops reading costs the others nothing and is told what it misses ($name)",
  async (slowCase) => {
    const { told, isCut } = slowCase;
    const report = await slowReader(slowCase, 10, 25_165_824);
    expect(report).toMatchObject({
      told,
      isCut,
      hasLast: true,
      lost: 0,
      doubled: 0,
      strange: 0,
      leaked: [],
    });
    // The operating system may hold 10 MiB of the 24 for the client, and the history keeps 8.
    expect(report.held).toBeLessThan(3_145_728);
  },
  60_000,
);
