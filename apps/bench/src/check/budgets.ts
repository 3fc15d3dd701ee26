import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bench } from "../folders.js";

/** Where the budgets are kept. */
export const BUDGETS = join(bench, "budgets.json");

/** What something may cost. */
export interface Budget {
  /** As it was measured. */
  readonly value: number;
  /** How much more is accepted: by how much the value differs from run to run, and between versions of Node. */
  readonly allowance: number;
  readonly unit: string;
  /** Why it is that much, and why it should not be more. */
  readonly reason: string;
}

/** By the name of the measure. */
export type Budgets = Readonly<Record<string, Budget>>;

export async function readBudgets(file = BUDGETS): Promise<Budgets> {
  return JSON.parse(await readFile(file, "utf8")) as Budgets;
}

export async function writeBudgets(budgets: Budgets, file = BUDGETS): Promise<void> {
  await writeFile(file, `${JSON.stringify(budgets, undefined, 2)}\n`);
}
