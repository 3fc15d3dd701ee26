import { describe, expect, test } from "vitest";
import { describeReset } from "./reset.js";

describe("what a reset is said to mean", () => {
  test.each(["malformed", "unknown", "trimmed", "skipped", "lost"])("%s is named", (reason) => {
    expect(describeReset(JSON.stringify({ channels: ["a"], reason }))).toContain(`“${reason}”: `);
  });

  test("the number of events that were left out is told where it is known", () => {
    const data = JSON.stringify({ channels: ["a"], reason: "skipped", skipped: 7 });
    expect(describeReset(data)).toContain("(7 left out)");
  });
});
