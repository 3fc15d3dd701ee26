// What the formula and the simulation reckon with. Measured on one machine: 2 cores of an AMD EPYC that others use too,
// Node 20.20.2, redis 7.0.15; the best of six. `node scripts/scaling/measure.mjs` prints them for yours.

/**
 * @typedef {object} Input
 * @property {number} value
 * @property {string} unit us: microseconds of CPU time
 * @property {string} what
 * @property {string} from what printed it
 */

const MEASURE = "measure.mjs";
const FAULTS = "npm run test:faults";
const CODE = "the code";

export const inputs = {
  deliver: input(9.42, "us", "a process writes an event to a connection", `${FAULTS}: fan-out`),
  hear: input(
    21.9,
    "us",
    "a process hears an event of Redis and hands it on",
    `${MEASURE}: deliverOwn - deliver`,
  ),
  publishAtProcess: input(24.8, "us", "a process publishes", `${MEASURE}: publishAtNode`),
  resume: input(185, "us", "a process resumes a client from the ring", `${MEASURE}: resume10`),
  resumeEvent: input(
    0.33,
    "us",
    "the same, for each event that it missed",
    `${MEASURE}: resume1000`,
  ),
  resumeOwn: input(
    410,
    "us",
    "a process resumes a client whose channel it has to follow first",
    `${MEASURE}: openOwn`,
  ),
  takeEvent: input(
    1.39,
    "us",
    "a process takes an event that it read of Redis",
    `${MEASURE}: read1000AtNode`,
  ),
  refuse: input(262, "us", "a process refuses a client", `${MEASURE}: refuse`),

  publish: input(19.6, "us", "Redis stores an event and tells nobody", `${MEASURE}: publish`),
  tell: input(3.6, "us", "Redis tells one process of an event", `${MEASURE}: tellAlone`),
  follow: input(19.3, "us", "Redis lets a process follow a channel", `${MEASURE}: openOwnAtRedis`),
  read: input(11, "us", "Redis reads what a client missed", `${MEASURE}: read1`),
  readEvent: input(2.2, "us", "the same, for each event", `${MEASURE}: read1000`),
  check: input(4.1, "us", "Redis compares a channel that a process follows", `${MEASURE}: check`),

  processMemory: input(77e6, "B", "a process without connections", `${MEASURE}: processMemory`),
  connection: input(11_470, "B", "a connection", `${FAULTS}: fan-out`),
  hub: input(
    2_000,
    "B",
    "a channel that a process follows",
    `${MEASURE}: ownConnection - connection`,
  ),
  ringEvent: input(460, "B", "an event in a ring, beside its text", `${MEASURE}: ringEvent - text`),
  historyChannel: input(
    4_870,
    "B",
    "a channel in Redis, with its first events",
    `${MEASURE}: historyChannel`,
  ),
  historyEvent: input(
    50,
    "B",
    "an event in Redis, beside its data",
    `${MEASURE}: historyEvent - data`,
  ),

  frame: input(51, "B", "what a frame adds to data: id, event, chunk", CODE),
  packet: input(66, "B", "headers of TCP, IP and Ethernet; TLS adds 22", "RFC 9293, 791"),
  ownDescriptors: input(20, "", "descriptors that a process has itself", "/proc/PID/fd"),
  keepAliveEvery: input(15, "s", "between keep-alives of a silent connection", CODE),
  checkEvery: input(15, "s", "between comparisons, on average", CODE),
  commandTimeout: input(2, "s", "until a command counts as failed", CODE),
  pageBytes: input(65_536, "B", "what is read of Redis at once", CODE),
};

/**
 * @param {number} value
 * @param {string} unit
 * @param {string} what
 * @param {string} from
 * @returns {Input}
 */
function input(value, unit, what, from) {
  return { value, unit, what, from };
}
