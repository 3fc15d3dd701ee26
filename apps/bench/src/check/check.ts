import { BenchError } from "../errors.js";
import { readBudgets, writeBudgets } from "./budgets.js";
import { type Finding, isFailure, judge, lesser, update } from "./judge.js";
import { measureAll } from "./measures/all.js";
import { toTable } from "./table.js";

/**
 * Measures what does not depend on how fast the machine is, and compares it with `budgets.json`:
 * bytes on the wire, system calls, objects, promises and timers, calls of functions.
 *
 * Instructions are not among them. Callgrind counts them, but under it Node takes most of a minute
 * until it runs the code that it runs in production; and without compilation, where it takes ten
 * seconds, instructions say what calls of functions and objects say.
 *
 * @param args - `--update` writes what was measured into `budgets.json`
 * @returns the exit code: 1 when something costs more than its budget
 * @throws BenchError `usage`, `failed`
 */
export async function check(args: readonly string[]): Promise<number> {
  const unknown = args.find((arg) => arg !== "--update");
  if (unknown !== undefined)
    throw new BenchError("usage", `--check takes --update, not "${unknown}".`);
  if (args.length > 0) {
    const budgets = await readBudgets();
    const measurements = await measureAll();
    await writeBudgets(update(measurements, budgets));
    console.log(toTable(judge(measurements, budgets)));
    return 0;
  }
  const findings = await examine();
  console.log(toTable(findings));
  return findings.some((finding) => isFailure(finding, inCi())) ? 1 : 0;
}

/** Measures everything, and once more where something is above its budget. */
export async function examine(): Promise<Finding[]> {
  const budgets = await readBudgets();
  const measurements = await measureAll();
  const findings = judge(measurements, budgets);
  if (!findings.some(({ verdict }) => verdict === "over")) return findings;
  return judge(lesser(measurements, await measureAll()), budgets);
}

/** Whether nothing may be left out. */
export function inCi(env: NodeJS.ProcessEnv = process.env): boolean {
  return env["CI"] !== undefined && env["CI"] !== "" && env["CI"] !== "false";
}
