// Many clients, which cost as little as they can.
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { nextDelay } from "../backoff.mjs";
import { answer } from "./ask.mjs";

/** What is kept of what was read, so that an id is found that came in two pieces. */
const TAIL = 1_000;

/** @typedef {{ at: number, path: string, cursor?: string | undefined, until: string }} Plan */

/** @type {Set<import("node:net").Socket>} */
const open = new Set();
let underWay = 0;
let mostUnderWay = 0;

/**
 * The last id of a text that is complete.
 *
 * @param {string} text
 */
function lastId(text) {
  const at = text.lastIndexOf("\nid: ", text.lastIndexOf("\n\n"));
  return at === -1 ? undefined : text.slice(at + 5, text.indexOf("\n", at + 1));
}

/**
 * Opens a stream, and reads it until a text has come.
 *
 * @param {number} port
 * @param {Omit<Plan, "at">} plan
 * @returns {Promise<{ text: string, cursor: string | undefined, found: boolean }>} what was read last, and the last id
 */
function openUntil(port, { path, cursor, until }) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    open.add(socket);
    mostUnderWay = Math.max(mostUnderWay, ++underWay);
    let text = "";
    let last = cursor;
    let settled = false;
    /** @param {boolean} found */
    const settle = (found) => {
      if (settled) return;
      settled = true;
      underWay--;
      resolve({ text, cursor: last, found });
    };
    socket.on("data", (bytes) => {
      if (settled) return;
      text += bytes.toString("latin1");
      last = lastId(text) ?? last;
      if (text.includes(until)) settle(true);
      // The stream has ended; its connection may live on.
      else if (text.endsWith("\r\n0\r\n\r\n")) socket.destroy();
      text = text.slice(-Math.max(TAIL, until.length));
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      open.delete(socket);
      settle(false);
    });
    const resume = cursor === undefined ? "" : `last-event-id: ${cursor}\r\n`;
    socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${resume}\r\n`);
  });
}

/**
 * Opens a stream, and reads it until a text has come.
 *
 * @param {number} port
 * @param {Omit<Plan, "at">} plan
 * @returns {Promise<string>} what was read last
 * @throws Error where it ended before
 */
async function mustOpen(port, plan) {
  const { text, found } = await openUntil(port, plan);
  if (!found) throw new Error(`the stream ended before ${JSON.stringify(plan.until)}: ${text}`);
  return text;
}

const commands = {
  /**
   * Opens streams at their times, in milliseconds from now, and again as Sluice's client does where one ends too early;
   * resolves when all have read what they wait for.
   *
   * @param {number} port
   * @param {readonly Plan[]} plans
   * @param {number} retry in milliseconds
   */
  async arrive(port, plans, retry) {
    mostUnderWay = underWay = 0;
    let lost = 0;
    const began = performance.now();
    const resumed = plans.map(async ({ at, ...plan }) => {
      await delay(at);
      let { cursor } = plan;
      for (let failures = 1; ; failures++) {
        const { cursor: last, found } = await openUntil(port, { ...plan, cursor });
        if (found) break;
        lost++;
        // Who has read something has been served.
        if (last !== cursor) failures = 0;
        cursor = last;
        await delay(nextDelay(failures, retry, Math.random));
      }
      return performance.now() - began;
    });
    const after = await Promise.all(resumed);
    return { after, most: mostUnderWay, lost };
  },
  /**
   * Opens streams, so many at a time.
   *
   * @param {number} port
   * @param {readonly Omit<Plan, "at">[]} plans
   * @param {number} together
   */
  async open(port, plans, together) {
    for (let n = 0; n < plans.length; n += together) {
      await Promise.all(plans.slice(n, n + together).map((plan) => mustOpen(port, plan)));
    }
  },
  /**
   * The position that a client is told which comes for the first time.
   *
   * @param {number} port
   * @param {string} path
   */
  async position(port, path) {
    const text = await mustOpen(port, { path, until: "data: {}\n\n" });
    return /\bid: (\S+)/.exec(text)?.[1] ?? "";
  },
  /** All leave. */
  async leave() {
    for (const socket of open) socket.destroy();
    while (open.size > 0) await delay(5);
  },
};

/** @typedef {typeof commands} Crowd */
answer(commands);
