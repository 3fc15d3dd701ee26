// A process that publishes and reads through the broker, and others' subscriptions to it.
import { RedisBroker } from "@sluice/redis";
import { answer, cpuTime } from "./ask.mjs";

const HISTORY = { count: 1_000, age: 600_000, bytes: 8_388_608 };

/** @type {RedisBroker[]} */
const brokers = [];
let heard = 0;
let awaited = 0;
/** @type {(() => void) | undefined} */
let onHeard;

const follower = {
  deliver() {
    if (++heard === awaited) onHeard?.();
  },
  reached() {},
};

/** @param {number} index */
const brokerOf = (index) => /** @type {RedisBroker} */ (brokers[index]);

const commands = {
  /**
   * @param {string} url
   * @param {number} count how many brokers, each with connections of its own
   * @param {import("@sluice/core").Duration} [timeout] a busy machine is no fault here
   * @param {import("@sluice/core").Duration} [checkInterval]
   */
  open(url, count, timeout = "1m", checkInterval = "1h") {
    for (let n = 0; n < count; n++) {
      brokers.push(
        new RedisBroker({
          url,
          checkInterval,
          commandTimeout: "1m",
          publishTimeout: timeout,
        }),
      );
    }
  },
  /**
   * Publishes events in rounds: in each, so many of a batch on each channel, all channels at once.
   *
   * @param {number} channels
   * @param {number} rounds
   * @param {number} batch
   * @param {number} bytes
   * @returns the ids of the first and the last event of each channel
   */
  async publish(channels, rounds, batch, bytes) {
    const text = `event: load\ndata: ${"x".repeat(bytes)}\n\n`;
    /** @type {{ first: string, last: string }[]} */
    const ends = [];
    for (let round = 0; round < rounds; round++) {
      await Promise.all(
        Array.from({ length: channels }, async (_, index) => {
          const channel = `channel-${index}`;
          const publication = {
            channel,
            kind: /** @type {const} */ ("text"),
            text,
            history: HISTORY,
          };
          const ids = await Promise.all(
            Array.from({ length: batch }, () => brokerOf(0).publish(publication)),
          );
          const [first = "", last = first] = [ids[0], ids.at(-1)];
          ends[index] = { first: ends[index]?.first ?? first, last };
        }),
      );
    }
    return ends;
  },
  /**
   * Every broker follows so many channels.
   *
   * @param {number} channels
   */
  async follow(channels) {
    const followings = await Promise.all(
      brokers.flatMap((broker) =>
        Array.from({ length: channels }, (_, n) => broker.follow(`channel-${n}`, follower)),
      ),
    );
    followed.push(...followings);
  },
  stop() {
    for (const following of followed.splice(0)) following.stop();
  },
  /** Resolves when so many messages have been heard since the start. @param {number} count */
  heard(count) {
    awaited = count;
    /** @type {Promise<void>} */
    const all = new Promise((resolve) => (onHeard = resolve));
    return heard >= count ? undefined : all;
  },
  /**
   * Reads what came after a cursor, page by page, as often as said, so many at a time.
   *
   * @param {string} channel
   * @param {string} after
   * @param {number} times
   * @param {number} together
   */
  async read(channel, after, times, together) {
    let entries = 0;
    const readOne = async () => {
      let cursor = after;
      for (;;) {
        const page = await brokerOf(0).read(channel, cursor, undefined, 65_536);
        if (page.refused !== undefined) throw new Error(`refused: ${page.refused}`);
        if (page.entries.length === 0) return;
        entries += page.entries.length;
        cursor = page.entries.at(-1)?.id ?? cursor;
      }
    };
    for (let n = 0; n < times; n += together) {
      await Promise.all(Array.from({ length: Math.min(together, times - n) }, readOne));
    }
    return entries / times;
  },
  cpu: cpuTime,
};

/** @type {import("@sluice/core").Following[]} */
const followed = [];

/** @typedef {typeof commands} RedisLoad */
answer(commands);
