import { connect, type EventsOf } from "@sluice/client";
import { sharedTabs } from "@sluice/client/shared";
import type { DashboardController } from "../../server/examples/dashboard.controller.js";
import type { DashboardView } from "../view/dashboard-view.js";
import type { FollowOptions, MarkOf } from "./follow.js";

export type DashboardEvents = EventsOf<DashboardController["watch"]>;

/** Watches the server. While nobody sees the page, the connection is let go. */
export function followDashboard(
  url: string,
  { isShared, ...options }: FollowOptions,
  view: DashboardView,
  mark: MarkOf,
) {
  const dashboard = connect<DashboardEvents>(url, {
    ...options,
    pauseWhenHidden: true,
    // Everyone gets the same here. Otherwise the user would be in the name.
    ...(isShared && { share: sharedTabs("everyone") }),
  });

  dashboard.on("reading", (reading, event) => view.draw(reading, mark(event)));

  return dashboard;
}
