// What becomes of clients that have all lost their streams at once: a simulation by events, exact for its model and
// the same for the same seed.
import { Agenda } from "./agenda.mjs";
import { MAX_DELAY, nextDelay } from "./backoff.mjs";
import { seeded } from "./random.mjs";
import { Link, READ_AT_ONCE, Server } from "./servers.mjs";

/**
 * @typedef {object} Storm
 * @property {number} clients how many have lost their streams
 * @property {number} nodes how many processes they come back to, each a core
 * @property {number} shards how many Redis servers there are
 * @property {number | undefined} window the server's `retry`, in milliseconds: a client comes back after it, and within
 *   as long again; undefined where none was told
 * @property {number} [firstWithin] the first attempts are spread over this instead, in milliseconds
 * @property {"full" | "none"} [jitter] `none` for clients that come back exactly after `retry`, as EventSource does
 * @property {number} [maxDelay] the client's option: what bounds the spread, in milliseconds
 * @property {number} [down] for how long nobody answers, in milliseconds
 * @property {number} resume what a process takes for a resume, in microseconds of CPU time
 * @property {number} [read] what Redis takes for it; 0 where the ring of the process has what was missed
 * @property {number} [pages] in how many pieces it is read, one after the other
 * @property {number} [take] what the process takes for what was read, in microseconds of CPU time
 * @property {number} [nodeLoad] how much of a process's time its usual work takes, from 0 to 1
 * @property {number} [redisLoad] the same of Redis
 * @property {number} [part] how much of each process and server is looked at: a tenth of both, with a tenth of the
 *   clients, takes as long as the whole
 * @property {number} [redisShare] how much of each Redis server these processes have, where others have the rest
 * @property {number} [room] how many a process takes in before it refuses (`limits.total`, less who is there)
 * @property {number} [refuse] what a refusal takes, in microseconds
 * @property {number} [timeout] after how long a command counts as failed, in milliseconds
 * @property {number} [horizon] when to give up, in milliseconds
 * @property {number} [seed]
 */

/**
 * @typedef {object} Outcome
 * @property {number} resumed how many clients have their stream again
 * @property {boolean} isOver whether all have
 * @property {number} recovered when the last of them had, in milliseconds since the loss
 * @property {number} p50 when half of them had
 * @property {number} p99 when 99 of 100 had
 * @property {number} wait how long 99 of 100 waited at most, from the attempt that brought it
 * @property {number} peak the most that waited for an answer at one time
 * @property {number} attempts
 * @property {number} unanswered attempts while nobody was there
 * @property {number} refused attempts that a limit refused
 * @property {number} lost attempts for which Redis had no answer in time
 * @property {number} underWay attempts that were under way when it was given up
 * @property {number} redisBusy how long the busiest Redis server worked, in milliseconds
 */

/** What Sluice's limits say: `Retry-After`, in seconds, at least and beyond it. */
const RETRY_AFTER = 5;

/** After how long an EventSource comes back that was told nothing, in milliseconds. */
const NATIVE_RETRY = 3_000;

/**
 * @param {Storm} storm
 * @returns {Outcome}
 */
export function simulate(storm) {
  const { clients, window, jitter = "full", down = 0, resume, read = 0, refuse = 0 } = storm;
  const {
    nodeLoad = 0,
    redisLoad = 0,
    redisShare = 1,
    part = 1,
    room = Infinity,
    timeout = 2_000,
    seed = 1,
  } = storm;
  const { pages = 1, take = 0, maxDelay = MAX_DELAY, horizon = 600_000 } = storm;
  const random = seeded(seed);
  const agenda = new Agenda();
  const servers = Array.from(
    { length: storm.shards },
    () => new Server(agenda, (1 - redisLoad) * redisShare * part),
  );
  const nodes = Array.from({ length: storm.nodes }, () => {
    const core = new Server(agenda, (1 - nodeLoad) * part);
    const links = servers.map(
      (server) => new Link(agenda, server, core, timeout * 1_000, READ_AT_ONCE * part),
    );
    return { core, links, taken: 0 };
  });
  /** @type {number[]} */
  const delays = [];
  /** @type {number[]} */
  const waits = [];
  const counts = { attempts: 0, unanswered: 0, refused: 0, lost: 0 };
  let underWay = 0;
  let peak = 0;

  /** @typedef {{ shard: number, left: number, failures: number }} Client its channel's server, pieces to read, failures in a row */

  /**
   * @param {Client} client
   * @param {number | undefined} told
   */
  const comeBack = (client, told) => {
    const wait =
      jitter === "full"
        ? nextDelay(client.failures, told, random, maxDelay)
        : (told ?? NATIVE_RETRY);
    agenda.put(agenda.now + wait * 1_000, () => attempt(client));
  };

  /** @param {Client} client */
  const attempt = (client) => {
    counts.attempts++;
    client.failures++;
    const began = agenda.now;
    if (began < down * 1_000) {
      counts.unanswered++;
      return comeBack(client, window);
    }
    const node = /** @type {typeof nodes[0]} */ (nodes[Math.floor(random() * nodes.length)]);
    peak = Math.max(peak, ++underWay);
    if (node.taken >= room) {
      counts.refused++;
      const after = (RETRY_AFTER + Math.floor(random() * RETRY_AFTER)) * 1_000;
      return node.core.give(refuse, () => {
        underWay--;
        comeBack(client, after);
      });
    }
    node.taken++;
    const link = /** @type {Link} */ (node.links[client.shard]);
    const lost = () => {
      counts.lost++;
      node.taken--;
      underWay--;
      comeBack(client, window);
    };
    const readOn = () => {
      if (client.left === 0) return succeed(began);
      const readNext = () => {
        client.left--;
        // Who gets something has been served, and goes on from there when it is lost again.
        client.failures = 0;
        readOn();
      };
      link.ask(read / pages, take / pages, readNext, lost);
    };
    node.core.give(resume, readOn);
  };

  /** @param {number} began */
  const succeed = (began) => {
    underWay--;
    delays.push(agenda.now / 1_000);
    waits.push((agenda.now - began) / 1_000);
  };

  const { firstWithin } = storm;
  for (let n = 0; n < clients; n++) {
    const client = { shard: n % storm.shards, left: read === 0 ? 0 : pages, failures: 0 };
    if (firstWithin === undefined) comeBack(client, window);
    else agenda.put(random() * firstWithin * 1_000, () => attempt(client));
  }
  agenda.run(horizon * 1_000);
  // They come in the order of time.
  waits.sort((a, b) => a - b);
  return {
    resumed: delays.length,
    isOver: delays.length === clients,
    recovered: delays.at(-1) ?? Number.NaN,
    p50: percentile(delays, 0.5),
    p99: percentile(delays, 0.99),
    wait: percentile(waits, 0.99),
    peak,
    ...counts,
    underWay,
    redisBusy: Math.max(0, ...servers.map(({ worked }) => worked / 1_000)),
  };
}

/**
 * @param {readonly number[]} sorted
 * @param {number} share
 */
function percentile(sorted, share) {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
