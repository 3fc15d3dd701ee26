import type { Begun, Ended } from "./redis-runs-journal.js";
import type { RunTimes } from "./redis-runs-plan.js";
import type { Visit } from "./redis-runs-visit.js";

/** Somebody wanted to cancel a run. */
export interface Cancelling {
  readonly key: string;
  readonly from: number;
  readonly to: number;
  /** Undefined where the process was killed before it answered. */
  readonly result: boolean | undefined;
}

/** All that is known when it is over; times in milliseconds of the epoch. */
export interface RunEvidence {
  readonly journal: readonly (Begun | Ended)[];
  readonly visits: readonly Visit[];
  readonly cancellings: readonly Cancelling[];
  /** When a process was killed, by its name. */
  readonly killed: ReadonlyMap<string, number>;
  /** The number of the node that it was. */
  readonly killedNode: number;
  readonly times: RunTimes;
}
