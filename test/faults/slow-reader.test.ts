import { expect, it } from "vitest";
import { SLOW_CASES, slowReader } from "./slow-reader.js";

it.each(SLOW_CASES)(
  "H5: a client that stops reading costs the others nothing and is told what it misses ($name)",
  async (slowCase) => {
    const { told, isCut } = slowCase;
    const report = await slowReader(slowCase, 20, 12_582_912);
    expect(report).toMatchObject({
      told,
      isCut,
      hasLast: true,
      lost: 0,
      doubled: 0,
      strange: 0,
      leaked: [],
    });
    // Of the 12 MiB, the operating systems hold about a half for the client.
    expect(report.held).toBeLessThan(3_145_728);
  },
  60_000,
);
