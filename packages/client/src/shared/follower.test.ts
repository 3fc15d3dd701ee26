import { beforeEach, expect, it } from "vitest";
import type { Message } from "../line.js";
import { Follower, type FollowerOwner } from "./follower.js";
import type { Place } from "./place.js";
import type { Here, Told } from "./saying.js";

const at = (id: string, since = 0): Place => ({ id, since });
const here = (place: Place, more: Partial<Here> = {}): Here => ({
  says: "here",
  term: "a",
  count: 0,
  place,
  state: "open",
  ...more,
});
/** A message for each id; for a number, one without an id that has it as its data. */
const told = (prev: Place, count: number, ...ids: readonly (string | number)[]): Told => ({
  says: "told",
  term: "a",
  count,
  prev,
  messages: ids.map((id) => (typeof id === "string" ? { data: id, id } : { data: String(id) })),
});

let taken: string[];
let owner: { -readonly [K in keyof FollowerOwner]: FollowerOwner[K] };

beforeEach(() => {
  taken = [];
  owner = {
    hasRoom: true,
    isReady: true,
    hasWaited: false,
    take: ({ data }) => void taken.push(data),
  };
});

const follow = (id: string, most = 8): Follower => new Follower(owner, id, most);
const message = (id: string): Message => ({ data: id, id });

it("a tab is in step where it is at the leader's place, or at one that the leader came through since", () => {
  const follower = follow("3");
  follower.hearHere(here(at("2")));
  expect(follower.isInStep).toBe(false);
  follower.hearTold(told(at("2"), 0, "3", "4"));
  expect(follower.isInStep).toBe(true);
  expect(taken).toEqual(["4"]);
});

it("a tab that is ahead of the leader is in step, and takes nothing twice", () => {
  const follower = follow("1");
  follower.takeOwn(message("2"), true);
  follower.takeOwn(message("3"), false);
  follower.hearHere(here(at("1")));
  expect(follower.isInStep).toBe(true);
  follower.hearTold(told(at("1"), 0, "2"));
  follower.hearTold(told(at("2"), 1, "3", "4"));
  expect(follower.isInStep).toBe(true);
  expect(taken).toEqual(["2", "3", "4"]);
});

it("a tab that is ahead of the leader on another way is not in step from where the ways part", () => {
  const follower = follow("a1b1");
  follower.takeOwn(message("a2b1"), true);
  follower.takeOwn(message("a2b2"), false);
  follower.hearHere(here(at("a1b1")));
  follower.hearTold(told(at("a1b1"), 0, "a1b2"));
  expect(follower.isInStep).toBe(false);
  follower.hearTold(told(at("a1b2"), 1, "a2b2", "a3b2"));
  expect(follower.isInStep).toBe(true);
  expect(taken).toEqual(["a2b1", "a2b2", "a3b2"]);
});

it("a state that follows a reset under its id is not taken twice", () => {
  const follower = follow("3");
  follower.takeOwn({ data: "reset", id: "9" }, true);
  follower.takeOwn({ data: "state", id: "9" }, false);
  follower.hearTold({ ...told(at("3"), 0), messages: [{ data: "reset", id: "9" }] });
  expect(follower.isInStep).toBe(true);
  follower.hearTold({ ...told(at("9"), 1), messages: [{ data: "state", id: "9" }] });
  follower.hearTold(told(at("9"), 2, "10"));
  expect(taken).toEqual(["reset", "state", "10"]);
});

it("a state that the leader tells after its reset is not taken twice by a tab that has both", () => {
  const follower = follow("3");
  follower.hearHere(here(at("7")));
  follower.hearTold({ ...told(at("7"), 0), messages: [{ data: "reset", id: "9" }] });
  follower.takeOwn({ data: "reset", id: "9" }, true);
  follower.takeOwn({ data: "state", id: "9" }, false);
  follower.align();
  expect(follower.isInStep).toBe(true);
  follower.hearTold({ ...told(at("9"), 1), messages: [{ data: "state", id: "9" }] });
  follower.hearTold(told(at("9"), 2, "10"));
  expect(taken).toEqual(["reset", "state", "10"]);
});

it("a tab that has missed something is not in step any more", () => {
  const follower = follow("1");
  follower.hearHere(here(at("1")));
  follower.hearTold(told(at("1"), 0, "2"));
  follower.hearTold(told(at("3"), 2, "4"));
  expect(follower.isInStep).toBe(false);
  expect(taken).toEqual(["2"]);
});

it("a leader that says it has told more than was heard has been missed", () => {
  const follower = follow("1");
  follower.hearHere(here(at("1")));
  follower.hearTold(told(at("1"), 0, "2"));
  follower.hearHere(here(at("3"), { count: 2 }));
  expect(follower.isInStep).toBe(false);
});

it("an end is not that of a tab that has missed something, nor that of another leader", () => {
  const follower = follow("1");
  follower.hearHere(here(at("1")));
  follower.hearTold(told(at("1"), 0, "2"));
  expect(follower.hearOver({ says: "over", term: "b", count: 1 })).toBe(false);
  expect(follower.leader?.term).toBe("a");
  expect(follower.hearOver({ says: "over", term: "a", count: 2 })).toBe(false);
  expect(follower.leader).toBeUndefined();
});

it("a new leader at the same place is followed on, with what still waits for room", () => {
  const follower = follow("1");
  follower.hearHere(here(at("1")));
  follower.hearTold(told(at("1"), 0, "2"));
  owner.hasRoom = false;
  follower.hearTold(told(at("2"), 1, "3", "4"));
  expect(follower.backlog).toBe(2);
  expect(follower.resumeFrom).toBe("4");
  follower.hearHere(here(at("4"), { term: "b", state: "connecting" }));
  follower.hearTold({ ...told(at("4"), 0, "5"), term: "b" });
  expect(follower.isInStep).toBe(true);
  owner.hasRoom = true;
  follower.align();
  expect(taken).toEqual(["2", "3", "4", "5"]);
});

it("what one says that is not known to lead is told apart, for it may lead no more", () => {
  const follower = follow("1");
  follower.hearHere(here(at("1")));
  expect(follower.hearTold(told(at("1"), 0, "2"))).toBe(false);
  expect(follower.hearTold({ ...told(at("2"), 7, "3"), term: "b" })).toBe(true);
  expect(taken).toEqual(["2", "3"]);
});

it("a tab that is not in step and leads resumes where the others are", () => {
  const follower = follow("1");
  expect(follower.resumeFrom).toBe("1");
  follower.hearHere(here(at("50")));
  expect(follower.resumeFrom).toBe("50");
  follower.hearTold(told(at("50"), 0, "51"));
  expect(follower.resumeFrom).toBe("51");
  follower.leave();
  expect(follower.resumeFrom).toBe("1");
});

it("only so many messages wait for a tab; then it is not in step", () => {
  const follower = follow("0", 3);
  follower.hearHere(here(at("0")));
  follower.hearTold(told(at("0"), 0, "1"));
  owner.hasRoom = false;
  follower.hearTold(told(at("1"), 1, "2", "3", "4"));
  expect([follower.isInStep, follower.backlog]).toEqual([true, 3]);
  follower.hearTold(told(at("4"), 4, "5"));
  expect([follower.isInStep, follower.backlog]).toEqual([false, 3]);
  owner.hasRoom = true;
  follower.align();
  expect(taken).toEqual(["1"]);
  follower.takeOwn(message("2"), true);
  follower.align();
  expect(taken).toEqual(["1", "2", "3", "4", "5"]);
});

it("only so many ids are remembered", () => {
  const follower = follow("0", 2);
  for (const id of ["1", "2", "3"]) follower.takeOwn(message(id), false);
  follower.hearHere(here(at("1")));
  expect(follower.isInStep).toBe(false);
  follower.hearHere(here(at("2"), { term: "b" }));
  expect(follower.isInStep).toBe(true);
});

it("a tab that goes back has not been where it has been since", () => {
  const follower = follow("0");
  follower.takeOwn(message("1"), true);
  follower.restart("0");
  follower.hearHere(here(at("1")));
  expect(follower.isInStep).toBe(false);
});

it("messages without an id are counted from the last id of a connection", () => {
  const follower = follow("1");
  follower.hearHere(here(at("1", 2), { count: 2 }));
  expect(follower.isInStep).toBe(false);
  follower.takeOwn({ data: "a" }, true);
  follower.align();
  expect(follower.isInStep).toBe(false);
  // The connection is lost, and the next one begins with the same message.
  follower.takeOwn({ data: "a" }, true);
  follower.align();
  expect(follower.isInStep).toBe(false);
  follower.takeOwn({ data: "b" }, false);
  follower.align();
  expect(follower.isInStep).toBe(true);
});

it("messages without an id that a leader gets on a new connection are no old ones", () => {
  const follower = follow("1");
  follower.hearHere(here(at("1")));
  follower.hearTold(told(at("1"), 0, 1, 2));
  follower.hearHere(here(at("1"), { count: 2, state: "connecting" }));
  follower.hearTold(told(at("1"), 2, 3));
  follower.hearHere(here(at("1"), { term: "b", state: "connecting" }));
  follower.hearTold({ ...told(at("1"), 0, 4), term: "b" });
  expect(taken).toEqual(["1", "2", "3", "4"]);
});

it("two connections that have had as many messages and no id are not in step by that", () => {
  const follower = follow("");
  follower.hearHere(here(at("", 2), { count: 2 }));
  follower.takeOwn({ data: "a" }, true);
  follower.takeOwn({ data: "b" }, false);
  follower.align();
  expect(follower.isInStep).toBe(false);
  owner.hasWaited = true;
  follower.align();
  expect(follower.isInStep).toBe(true);
});

it("a leader without an id yet is no leader that is behind", () => {
  const follower = follow("");
  follower.takeOwn(message("5"), true);
  follower.hearHere(here(at("")));
  expect(follower.isInStep).toBe(false);
  follower.hearTold(told(at(""), 0, "6"));
  expect(taken).toEqual(["5"]);
});

it("nothing is taken while the tab is not ready", () => {
  const follower = follow("1");
  owner.isReady = false;
  follower.hearHere(here(at("1")));
  follower.hearTold(told(at("1"), 0, "2"));
  expect(follower.isInStep).toBe(false);
  owner.isReady = true;
  follower.align();
  expect(taken).toEqual(["2"]);
});
