import { BEGIN_MARK, END_MARK } from "./program/meters/marks.js";
import type { Reading } from "./program/meters/meter.js";

/** The descriptor on which the program is told what to do: the first one that `fork` adds. */
const ORDERS = 3;

/** What memory and threads cost is V8's to decide, and differs from run to run. */
const UNCOUNTED = new Set([
  "brk",
  "futex",
  "madvise",
  "mmap",
  "mprotect",
  "mremap",
  "munmap",
  "pkey_mprotect",
  "restart_syscall",
  "rt_sigreturn",
  "sched_yield",
]);

/**
 * Counts the system calls of each marked stretch.
 *
 * @param trace - as strace writes it without `-f`: those of the main thread
 */
export function readTrace(trace: string): Reading[] {
  const stretches: Reading[] = [];
  let counts: Record<string, number> | undefined;
  for (const line of trace.split("\n")) {
    if (line.includes(BEGIN_MARK)) counts = {};
    else if (counts !== undefined && line.includes(END_MARK)) {
      stretches.push(counts);
      counts = undefined;
    } else if (counts !== undefined) count(line, counts);
  }
  return stretches;
}

function count(line: string, counts: Record<string, number>): void {
  const [, name, descriptor] = /^(\w+)\((\d+)?/.exec(line) ?? [];
  // Signals are lines too.
  if (name === undefined || UNCOUNTED.has(name) || descriptor === String(ORDERS)) return;
  counts[name] = (counts[name] ?? 0) + 1;
}
