import { readdirSync } from "node:fs";
import { settled } from "./settled.js";

/** How many descriptors a process has open; this one, if none is given. */
export function countDescriptors(pid: number | "self" = "self"): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** How many more there are than before, once sockets that were closed had time to go. */
export async function descriptorsSince(before: number): Promise<number> {
  await settled(() => countDescriptors() <= before, 2_000);
  return Math.max(0, countDescriptors() - before);
}
