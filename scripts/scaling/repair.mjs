// What becomes of the channels of one process when Redis is back: all are subscribed to in one go, compared in parts,
// and read where something was missed.
import { Agenda } from "./agenda.mjs";
import { seeded } from "./random.mjs";
import { Link, READ_AT_ONCE, Server } from "./servers.mjs";

/**
 * @typedef {object} Repair
 * @property {number} channels that the process follows, in all of which something was missed
 * @property {number} within how long the process takes to find Redis again at most, in milliseconds
 * @property {number} follow what Redis takes to tell the process of a channel again, in microseconds of CPU time
 * @property {number} check what it takes to compare one
 * @property {number} read what it takes to read what was missed of one
 * @property {number} take what the process takes for it
 * @property {number} pages in how many pieces
 * @property {number} part how much of the process is looked at
 * @property {number} share how much of the server's time the process has
 * @property {number} processShare how much of its own time the process has
 * @property {number} timeout after how long a command counts as failed, in milliseconds
 * @property {number} horizon when to give up, in milliseconds
 * @property {number} [seed]
 */

/** How many are compared at once. */
const TOGETHER = 500;

/** How long a comparison waits that failed, on average; a reading the first time, and at most. In milliseconds. */
const CHECK_PAUSE = 500;
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 5_000;

/**
 * @param {Repair} repair
 * @returns {{ repaired: number, isOver: boolean, recovered: number, lost: number }} how many channels are up to date,
 *   whether all are, when the last one was, and how many commands had no answer in time
 */
export function repair({
  channels,
  within,
  follow,
  check,
  read,
  take,
  pages,
  part,
  share,
  processShare,
  timeout,
  horizon,
  seed = 1,
}) {
  const random = seeded(seed);
  const agenda = new Agenda();
  const server = new Server(agenda, share * part);
  const link = new Link(
    agenda,
    server,
    new Server(agenda, processShare * part),
    timeout * 1_000,
    READ_AT_ONCE * part,
  );
  let repaired = 0;
  let recovered = Number.NaN;
  let lost = 0;
  /** Those whose reading has begun: a feed reads until it is up to date. */
  let begun = 0;

  /** @param {number} pause in milliseconds, on average @param {() => void} then */
  const again = (pause, then) => {
    lost++;
    agenda.put(agenda.now + pause * 1_000 * (0.5 + random()), then);
  };

  /** @param {number} left pieces @param {number} pause */
  const readOn = (left, pause) => {
    if (left === 0) {
      repaired++;
      recovered = agenda.now / 1_000;
      return;
    }
    link.ask(
      read / pages,
      take / pages,
      () => readOn(left - 1, FIRST_PAUSE),
      () => again(pause, () => readOn(left, Math.min(pause * 2, LONGEST_PAUSE))),
    );
  };

  /** @param {number} from */
  const compare = (from) => {
    if (from >= channels) return;
    const to = Math.min(from + TOGETHER * part, channels);
    const compared = () => {
      for (; begun < to; begun++) readOn(pages, FIRST_PAUSE);
      compare(to);
    };
    link.ask(check * (to - from), 0, compared, () => again(CHECK_PAUSE, () => compare(0)));
  };

  agenda.put(random() * within * 1_000, () => server.give(follow * channels, () => compare(0)));
  agenda.run(horizon * 1_000);
  return { repaired, isOver: repaired === channels, recovered, lost };
}
