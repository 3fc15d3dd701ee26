import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readBudgets, writeBudgets } from "./budgets.js";

it("every budget has an amount, a unit and a reason", async () => {
  const budgets = Object.entries(await readBudgets());
  const poor = budgets.filter(
    ([, { value, allowance, unit, reason }]) =>
      !Number.isFinite(value) || !(allowance >= 0) || unit === "" || !/\w.*\.$/.test(reason),
  );
  expect(budgets.length).toBeGreaterThan(0);
  expect(poor).toEqual([]);
});

it("what is written is what is read", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-budgets-"));
  try {
    const file = join(folder, "budgets.json");
    const budgets = { "bytes: a": { value: 1.5, allowance: 0, unit: "bytes", reason: "Because." } };
    await writeBudgets(budgets, file);
    expect(await readBudgets(file)).toEqual(budgets);
  } finally {
    await rm(folder, { recursive: true });
  }
});
