import { type Subject, subjects } from "../subjects.js";
import { idleConnections, openConnections } from "./connections.js";
import { channelsCurve, connectionsCurve } from "./curves.js";
import { burst1000, burst5000, fan1000, fan5000 } from "./fans.js";
import { latency1000 } from "./latency.js";
import type { Load } from "./load.js";
import { leavingClients, stalledClient } from "./misbehaving.js";
import { generators1000, one } from "./pulled.js";
import { replayed } from "./replay.js";
import type { Point, Workload } from "./workload.js";

/** All, in the order in which they are measured and reported. */
export const workloads: readonly Workload[] = [
  one,
  fan1000,
  fan5000,
  burst1000,
  burst5000,
  latency1000,
  generators1000,
  openConnections,
  idleConnections,
  replayed,
  stalledClient,
  leavingClients,
  connectionsCurve,
  channelsCurve,
];

/** Who takes part in a workload, in the order of the report. */
export function participants(workload: Workload): Subject[] {
  const { streams, only, without = {} } = workload;
  return subjects.filter(
    (subject) =>
      subject.streams.includes(streams) &&
      !(subject.name in without) &&
      (only === undefined || only.includes(subject.name)),
  );
}

/** What a subject has to do at a point. */
export function loadOf(point: Point, subject: Subject, quick: boolean): Load {
  return quick ? point.quick : (point.gentler?.[subject.name] ?? point.load);
}
