import { describe, expect, test } from "vitest";
import { describeReset } from "./reset.js";

describe("what a reset is said to mean", () => {
  test.each(["malformed", "unknown", "trimmed", "skipped", "lost"] as const)(
    "%s is named",
    (reason) => {
      expect(describeReset({ channels: ["a"], reason })).toContain(`“${reason}”: `);
    },
  );

  test("the number of events that were left out is told where it is known", () => {
    const told = describeReset({ channels: ["a"], reason: "skipped", skipped: 7 });
    expect(told).toContain("(7 left out)");
  });
});
