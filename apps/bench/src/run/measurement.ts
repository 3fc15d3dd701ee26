import type { SubjectName } from "../subjects.js";

/** Which subject is measured by what, and in which round. */
export interface Step {
  /** The id of the workload. */
  readonly workload: string;
  /** Which of its points, from 0. */
  readonly point: number;
  readonly subject: SubjectName;
  /** From 0. */
  readonly round: number;
}

/** What a step gave: the columns of its workload, and {@link Checks}. */
export interface Measurement extends Step {
  readonly values: Readonly<Record<string, number>>;
}

/** What every measurement has besides its columns. */
export interface Checks {
  /** What share of its time the load client worked: at 1 it would measure itself. */
  readonly clientBusy: number;
  /** The same of the server. */
  readonly serverBusy: number;
  /** Events that did not come, came twice, came in another order. */
  readonly lost: number;
  readonly doubled: number;
  readonly disordered: number;
  /** What share of the connections had a head before there was an event. */
  readonly heads: number;
}

/**
 * Why there is no measurement. `absent`: the subject is not installed. `unable`: it has no such stream.
 * `failed`: anything else.
 */
export interface Failure extends Step {
  readonly kind: "absent" | "unable" | "failed";
  readonly reason: string;
}

/** Names a step, for what looks it up. */
export function keyOf({ workload, point, subject, round }: Step): string {
  return `${workload}/${point}/${subject}/${round}`;
}
