import { type Random, shuffled } from "../statistics/random.js";
import type { Subject, SubjectName } from "../subjects.js";
import { isRival } from "../targets.js";
import type { Workload } from "../workloads/workload.js";
import { participants } from "../workloads/workloads.js";
import type { Step } from "./measurement.js";

export interface Selection {
  readonly workloads: readonly Workload[];
  /** Who may take part. */
  readonly subjects: readonly SubjectName[];
  /** Instead of what the workloads say. */
  readonly repeats?: number | undefined;
}

/**
 * Orders what is to be measured: workload by workload, round by round, and in each round the subjects in
 * an order drawn anew, so that what changes on the machine meanwhile meets all alike. Who takes part in
 * fewer rounds than others does so evenly.
 */
export function schedule(
  { workloads, subjects, repeats }: Selection,
  random: Random,
): readonly Step[] {
  return workloads.flatMap((workload) => {
    const counted = participants(workload)
      .filter(({ name }) => subjects.includes(name))
      .map((subject) => ({ subject, times: repeats ?? repeatsOf(workload, subject) }));
    const rounds = Math.max(0, ...counted.map(({ times }) => times));
    return Array.from({ length: rounds }, (_, round) => {
      const taking = counted.filter(({ times }) => takesPart(round, times, rounds));
      return workload.points.flatMap((_, point) =>
        shuffled(taking, random).map(({ subject: { name } }): Step => ({
          workload: workload.id,
          point,
          subject: name,
          round,
        })),
      );
    }).flat();
  });
}

function repeatsOf({ id, repeats }: Workload, { name, tier }: Subject): number {
  if (tier === "slow") return 1;
  if (tier === "core") return repeats.core;
  return isRival(id, name) ? repeats.rivals : repeats.peers;
}

/** Spreads so many times over the rounds, the first round always among them. */
function takesPart(round: number, times: number, rounds: number): boolean {
  return (round * times) % rounds < times;
}
