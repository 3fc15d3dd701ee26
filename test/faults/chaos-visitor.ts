import { setTimeout as delay } from "node:timers/promises";
import { type ServedSubject, SUBJECTS } from "./chaos-subjects.js";
import type { Dial, Link } from "./link.js";
import { pick } from "./random.js";
import type { Truth } from "./truth.js";
import { type Cursor, type Testimony, Witness } from "./witness.js";

/** What all visitors share. */
export interface ChaosWorld {
  readonly dials: readonly Dial[];
  readonly truth: Truth;
  readonly testimony: Testimony;
  readonly random: () => number;
  readonly historyCount: number;
  /** Calls to the broker fail: connections break, and events are lost between it and the channels. */
  readonly mayFail: boolean;
  /** Nothing is published any more. */
  readonly isOver: () => boolean;
  /** Resolves when that is so, and nothing fails any more. */
  readonly calm: Promise<void>;
  /** How many visits there were, and how many of them the server cut off. */
  visits: number;
  cut: number;
}

/** How long a client may take to catch up when all is over, in milliseconds. */
const CATCH_UP = 15_000;

const MALFORMED = [
  "garbage",
  "$",
  "a, b",
  "0",
  "-1",
  "1.abc.5",
  "1.AAAAAAAA.007",
  "1.AAAAAAAA.99999999999999",
  "m1~",
  "m1~AAAAAA",
  "__proto__",
  "x".repeat(1_100),
];

/** A client that comes and goes, as itself or as somebody else, until all is over; then it catches up. */
export async function visitor(world: ChaosWorld): Promise<void> {
  const { random } = world;
  const lastIds = new Map<ServedSubject, string>();
  let subject = pick(SUBJECTS, random);
  while (!world.isOver()) {
    if (random() < 0.3) subject = pick(SUBJECTS, random);
    const cursor = chooseCursor(world, subject, lastIds);
    const lastId = await visit(world, subject, cursor);
    if (lastId !== "") lastIds.set(subject, lastId);
  }
  // The failure of a broker is answered to who comes to a generator, and nobody comes twice to catch up.
  await world.calm;
  await catchUp(world, subject, { id: lastIds.get(subject) });
}

async function visit(world: ChaosWorld, subject: ServedSubject, cursor: Cursor): Promise<string> {
  const { random, testimony } = world;
  const { link } = open(world, subject, cursor);
  let paused = false;
  let left = false;
  const watching = link.closed.then(() => {
    if (left) return;
    // HTTP/2 lets 64 KiB be on the way, so that a client is behind if the process is busy for a moment.
    const mayBeSlow = paused || link.protocol === "HTTP/2";
    const mayBeCut = world.mayFail || (mayBeSlow && !subject.maySkip);
    if (mayBeCut) world.cut++;
    else
      testimony.fault(
        `${subject.path}: cut off by the server, with status ${link.status ?? "none"}`,
      );
  });
  await delay(random() * 300);
  if (random() < 0.25) {
    paused = true;
    link.pause();
    await delay(random() * 2_500);
    link.resume();
    await delay(random() * 300);
  }
  // A generator's first step runs before the head, so that the failure of a broker is answered.
  const mayFail = world.mayFail && subject.path.startsWith("yielded");
  if (link.status !== undefined && link.status !== 200 && !(mayFail && link.status === 500))
    testimony.fault(`${subject.path}: ${cursor.id ?? "no id"} was answered with ${link.status}`);
  left = true;
  if (random() < 0.3) {
    link.leaveWithin(random());
    await Promise.race([link.closed, delay(100)]);
  }
  const { lastId } = link;
  link.leave(random() < 0.5);
  await watching;
  return lastId;
}

async function catchUp(world: ChaosWorld, subject: ServedSubject, cursor: Cursor): Promise<void> {
  const { link, witness } = open(world, subject, cursor);
  const deadline = performance.now() + CATCH_UP;
  while (!witness.isUpToDate && performance.now() < deadline) await delay(10);
  if (!witness.isUpToDate) {
    world.testimony.lost++;
    world.testimony.fault(`${subject.path} stays behind: ${witness.behind}`);
  }
  link.leave(false);
  await link.closed;
}

function open(
  world: ChaosWorld,
  subject: ServedSubject,
  cursor: Cursor,
): { link: Link; witness: Witness } {
  const { dials, random } = world;
  world.visits++;
  const witness = new Witness(world, subject, cursor);
  const dial = pick(dials, random);
  const link = dial(`/chaos/${subject.path}`, cursor.id, (event) => witness.take(event));
  return { link, witness };
}

/** Mostly the client's own last id; else none, an old one, another's, or none at all that makes sense. */
function chooseCursor(
  { random, truth }: ChaosWorld,
  subject: ServedSubject,
  lastIds: ReadonlyMap<ServedSubject, string>,
): Cursor {
  const own = lastIds.get(subject);
  const roll = random();
  if (own === undefined || roll < 0.1) return { id: undefined };
  const isMerged = own.startsWith("m1~");
  if (roll < 0.15) {
    const id = pick(MALFORMED, random);
    // A handler that asks for the id gets none that is too long: the request is refused.
    const isRefused = id.length > 1_024 && subject.path.startsWith("yielded");
    return isRefused ? { id: undefined } : { id, refusal: "malformed" };
  }
  if (roll < 0.2) return { id: own.replace(/\.\d+(?=~|$)/, ".999999999"), refusal: "unknown" };
  if (roll < 0.25) {
    const other = subject.channels.toSorted()[0] === "red" ? "green" : "red";
    const foreign = pick(truth.of(other), random).id;
    // Of a cursor of several, the part of the first channel is replaced.
    const id = isMerged ? own.replace(/:[^~]+/, `:${foreign}`) : foreign;
    return { id, refusal: "unknown" };
  }
  // A cursor of one channel is none of several, and the other way round.
  if (roll < 0.28) {
    const id = isMerged ? pick(truth.of("red"), random).id : `m1~AAAAAA:${own}`;
    return { id, refusal: "malformed" };
  }
  if (roll < 0.35) {
    const old = lastIds.get(pick([...lastIds.keys()].filter(isLike(subject)), random));
    return { id: old ?? own };
  }
  if (roll < 0.4 && !isMerged) return { id: pick(truth.of(subject.channels[0]!), random).id };
  return { id: own };
}

/** Whether a cursor of a subject is one of another too. */
function isLike(subject: ServedSubject): (other: ServedSubject) => boolean {
  if (subject.channels.length === 1)
    return ({ channels }) => channels.length === 1 && channels[0] === subject.channels[0];
  return ({ channels }) => channels.length > 1;
}
