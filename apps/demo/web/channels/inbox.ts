import { connect, type EventsOf } from "@sluice/client";
import type { InboxController } from "../../server/examples/inbox.controller.js";
import type { InboxView } from "../view/inbox-view.js";
import type { FollowOptions, MarkOf } from "./follow.js";

export type InboxEvents = EventsOf<InboxController["open"]>;

/** Listens to one user's notifications. The options bring the header that the guard wants. */
export function followInbox(url: string, options: FollowOptions, view: InboxView, mark: MarkOf) {
  const inbox = connect<InboxEvents>(url, options);

  inbox.on("note", (note, event) => view.note(note, mark(event)));
  // What the server sends where it could not resume.
  inbox.on("summary", (summary) => view.summary(summary));

  return inbox;
}
