import type { Example } from "../catalogue/example.js";
import { AnswerView } from "./answer-view.js";
import type { ClientView } from "./client-view.js";
import { DashboardView } from "./dashboard-view.js";
import { InboxView } from "./inbox-view.js";
import { JobProgress } from "./job-progress.js";
import { LockView } from "./lock-view.js";
import { RoomView } from "./room-view.js";
import { ServerMetrics } from "./server-metrics.js";
import type { Visual } from "./visual.js";

const VISUALS: Readonly<Record<NonNullable<Example["visual"]>, new () => Visual>> = {
  metrics: ServerMetrics,
  progress: JobProgress,
};

const CLIENT_VIEWS: Readonly<Record<NonNullable<Example["client"]>["view"], new () => ClientView>> =
  {
    answer: AnswerView,
    dashboard: DashboardView,
    inbox: InboxView,
    lock: LockView,
    room: RoomView,
  };

/** Makes what draws the events of an example, if anything does. */
export function makeVisual(kind: Example["visual"]): Visual | undefined {
  return kind === undefined ? undefined : new VISUALS[kind]();
}

/** Makes what follows an example's stream by Sluice's client, if that does. */
export function makeClientView(client: Example["client"]): ClientView | undefined {
  return client === undefined ? undefined : new CLIENT_VIEWS[client.view]();
}
