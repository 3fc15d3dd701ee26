import type { Example } from "../catalogue/example.js";
import { DashboardView } from "./dashboard-view.js";
import { InboxView } from "./inbox-view.js";
import { JobProgress } from "./job-progress.js";
import { RoomView } from "./room-view.js";
import { ServerMetrics } from "./server-metrics.js";
import type { Visual } from "./visual.js";

const VISUALS: Readonly<Record<NonNullable<Example["visual"]>, new () => Visual>> = {
  dashboard: DashboardView,
  inbox: InboxView,
  metrics: ServerMetrics,
  progress: JobProgress,
  room: RoomView,
};

/** Makes what draws the events of an example, if anything does. */
export function makeVisual(kind: Example["visual"]): Visual | undefined {
  return kind === undefined ? undefined : new VISUALS[kind]();
}
