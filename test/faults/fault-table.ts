import type { Reporter, TestCase, TestModule } from "vitest/node";

/** A line of the table: what a test did, and what came of it. */
export interface Fault {
  readonly fault: string;
  readonly load: string;
  readonly lost: number;
  readonly doubled: number;
  readonly leaked: string;
  /** In bytes. */
  readonly peakMemory: number;
  /** Lines of further figures, printed above the table. */
  readonly figures?: readonly string[];
}

declare module "vitest" {
  interface TaskMeta {
    fault?: Fault;
  }
}

const COLUMNS = ["fault", "load", "lost", "doubled", "leaked", "peak memory", "verdict"] as const;

/** Prints a table of all faults at the end. */
export class FaultTable implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const figures = tests.flatMap((test) => figuresOf(test));
    const rows = tests.flatMap((test) => rowsOf(test));
    const widths = COLUMNS.map((name, column) =>
      Math.max(name.length, ...rows.map((row) => row[column]!.length)),
    );
    const line = (cells: readonly string[]): string =>
      `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
    const rule = line(widths.map((width) => "-".repeat(width)));
    console.log(["", ...figures, "", line(COLUMNS), rule, ...rows.map(line), ""].join("\n"));
  }
}

function figuresOf(test: TestCase): readonly string[] {
  const { fault } = test.meta();
  return (fault?.figures ?? []).map((figure) => `${fault!.fault}: ${figure}`);
}

/** A test that tells nothing has its row all the same: it failed before it could, or was skipped. */
function rowsOf(test: TestCase): readonly (readonly string[])[] {
  const { fault } = test.meta();
  const { state } = test.result();
  if (fault === undefined)
    return state === "passed" ? [] : [[test.name, "", "", "", "", "", state]];
  const cells = [
    fault.fault,
    fault.load,
    String(fault.lost),
    String(fault.doubled),
    fault.leaked === "" ? "nothing" : fault.leaked,
    `${(fault.peakMemory / 1_048_576).toFixed(1)} MiB`,
    state,
  ];
  return [cells];
}
