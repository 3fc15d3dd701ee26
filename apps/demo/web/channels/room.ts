import { connect, type EventsOf } from "@sluice/client";
import type { RoomsController } from "../../server/examples/rooms.controller.js";
import type { RoomView } from "../view/room-view.js";
import type { FollowOptions, MarkOf } from "./follow.js";

export type RoomEvents = EventsOf<RoomsController["join"]>;

/** Enters a room, and shows what happens there. */
export function followRoom(url: string, options: FollowOptions, view: RoomView, mark: MarkOf) {
  const room = connect<RoomEvents>(url, options);

  room.on("message", (message, event) => view.say(message, mark(event)));
  room.on("came", ({ name, ...rest }, event) => view.move(`${name} came in`, rest, mark(event)));
  room.on("left", ({ name, ...rest }, event) => view.move(`${name} left`, rest, mark(event)));
  // What the server sends where it could not resume: the room as it is now.
  room.on("room", (state) => view.begin(state));

  return room;
}
