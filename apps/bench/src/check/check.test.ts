import { expect, it } from "vitest";
import { check, examine, inCi } from "./check.js";
import { isFailure } from "./judge.js";
import { toTable } from "./table.js";

// What is measured is what was compiled last.
it("the costs of a delivery stay within their budgets", async () => {
  const findings = await examine();
  const failures = findings.filter((finding) => isFailure(finding, inCi()));
  expect(failures.length === 0 ? "" : toTable(failures)).toBe("");
  expect(findings.length).toBeGreaterThan(30);
}, 180_000);

it("an option that is not known is refused", async () => {
  await expect(check(["--updates"])).rejects.toMatchObject({ code: "usage" });
});
