import { expect, it } from "vitest";
import type { Finding } from "./judge.js";
import { toTable } from "./table.js";

const budget = { value: 100, allowance: 5, unit: "bytes", reason: "Its text." };
const finding = (over: Partial<Finding>): Finding => ({
  name: "bytes: an event",
  verdict: "ok",
  measured: { name: "bytes: an event", unit: "bytes", value: 100 },
  budget,
  ...over,
});

it("puts each measure beside its budget", () => {
  expect(toTable([finding({})])).toBe(
    [
      "measure              value   budget  verdict",
      "bytes: an event  100 bytes  100 + 5       ok",
    ].join("\n"),
  );
});

it("says what an excess is made of, and what the budget is for", () => {
  const measured = { name: "", unit: "bytes", value: 110, parts: ["60 text", "50 id"] };
  expect(toTable([finding({ verdict: "over", measured })])).toContain(
    "\nbytes: an event is above its budget. Its text.\n  60 text\n  50 id",
  );
});

it("says of a budget that is too large that it can be tightened", () => {
  expect(toTable([finding({ verdict: "loose" })])).toContain("tighten it (--update)");
});

it("says once why a group could not be measured", () => {
  const impossible = finding({
    verdict: "not possible",
    measured: undefined,
    impossible: "strace is missing.",
  });
  const table = toTable([impossible, impossible]);
  expect(table.split("strace is missing.")).toHaveLength(2);
  expect(table).toContain("not possible");
});

it("says of a measure and a budget that have no other", () => {
  const table = toTable([
    finding({ verdict: "no budget", budget: undefined }),
    finding({ verdict: "not measured", measured: undefined }),
  ]);
  expect(table).toContain("has no budget in bytes");
  expect(table).toContain("is not measured");
});
