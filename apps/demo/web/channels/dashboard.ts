import { connect, type EventsOf } from "@sluice/client";
import type { DashboardController } from "../../server/examples/dashboard.controller.js";
import type { DashboardView } from "../view/dashboard-view.js";
import type { FollowOptions, MarkOf } from "./follow.js";

export type DashboardEvents = EventsOf<DashboardController["watch"]>;

/** Watches the server. While nobody sees the page, the connection is let go. */
export function followDashboard(
  url: string,
  options: FollowOptions,
  view: DashboardView,
  mark: MarkOf,
) {
  const dashboard = connect<DashboardEvents>(url, { ...options, pauseWhenHidden: true });

  dashboard.on("reading", (reading, event) => view.draw(reading, mark(event)));

  return dashboard;
}
