import { describe, expect, it } from "vitest";
import { isRival, targets } from "./targets.js";
import { participants, workloads } from "./workloads/workloads.js";

describe("targets", () => {
  it.each(targets)("judges a column that there is: $workload $column $other", (target) => {
    const workload = workloads.find(({ id }) => id === target.workload);
    expect(workload?.columns.map(({ key }) => key)).toContain(target.column);
    const names = participants(workload!).map(({ name }) => name);
    expect(names).toContain("sluice");
    expect("other" in target ? names : ["sluice"]).toContain(
      "other" in target ? target.other : "sluice",
    );
  });

  it("knows whom Sluice is held against", () => {
    expect(isRival("one", "nestjs")).toBe(true);
    expect(isRival("one", "hono")).toBe(false);
    expect(isRival("stall", "nestjs")).toBe(false);
  });
});
