import { setTimeout as delay } from "node:timers/promises";
import type { ChannelsOptions } from "@sluice/core";
import { left } from "./fan-out.js";
import type { Percentiles } from "./latencies.js";
import { type Program, startProgram } from "./program.js";
import type { ClientState, Crowd } from "./programs/crowd.js";
import type { FanOutServer } from "./programs/fan-out-server.js";

/** How the channel is set up, and what has to become of the client that does not read. */
export interface SlowCase {
  readonly name: string;
  readonly options: ChannelsOptions;
  /** The reasons of the resets that it is told in the end. */
  readonly told: readonly string[];
  readonly isCut: boolean;
}

export const SLOW_CASES: readonly SlowCase[] = [
  { name: "disconnect, short history", options: {}, told: ["trimmed"], isCut: true },
  {
    name: "disconnect, long history",
    options: { history: { bytes: 268_435_456, count: 100_000 } },
    told: [],
    isCut: true,
  },
  { name: "skip", options: { overflow: "skip" }, told: ["skipped"], isCut: false },
  { name: "latest", options: { overflow: "latest" }, told: ["skipped"], isCut: false },
];

export interface SlowReport {
  /** The client was cut off, and came back. */
  readonly isCut: boolean;
  readonly told: readonly string[];
  /** The client has the last event, and all that it was not told to do without. */
  readonly hasLast: boolean;
  readonly lost: number;
  readonly doubled: number;
  readonly strange: number;
  /** How much more memory the process of the server had than before: at most, and in the end. In bytes. */
  readonly peak: number;
  readonly rss: number;
  /**
   * How much more JavaScript held than before, in and outside of its heap and beyond the history: the
   * most of several collections while the client did not read, and one afterwards. In bytes.
   */
  readonly held: number;
  /** Of the other clients. */
  readonly without: Percentiles;
  readonly with: Percentiles;
  readonly leaked: readonly string[];
}

const PATH = "/channels/main";
const EVENT_BYTES = 32_768;

/** What a channel keeps where nothing else is said. */
const HISTORY_BYTES = 8_388_608;

/** How often it is looked at what the server holds, while the client does not read. */
const LOOKS = 4;

/**
 * One of many clients of a channel stops reading while a lot goes out to the others, and reads on
 * afterwards.
 *
 * @param bytes - how much goes out to each client meanwhile; a fifth of it before, to compare
 */
export async function slowReader(
  { options }: SlowCase,
  clients: number,
  bytes: number,
): Promise<SlowReport> {
  await using server = await startProgram<FanOutServer>("fan-out-server");
  await using crowd = await startProgram<Crowd>("crowd");
  const port = await server.call("listen", options);
  await crowd.call("connect", port, PATH, clients);
  const events = Math.ceil(bytes / EVENT_BYTES);
  const published: string[] = [];
  const publish = async (
    count: number,
    look?: (count: number) => Promise<void>,
  ): Promise<Percentiles> => {
    await crowd.call("latencies");
    for (let n = 1; n <= count; n++) {
      published.push(...(await server.call("publish", "sluice", "main", 1, EVENT_BYTES)));
      await crowd.call("reached", published.length);
      await look?.(n);
    }
    return crowd.call("latencies");
  };

  const without = await publish(Math.ceil(events / 5));
  const before = await server.call("memory");
  const beyondHistory = (held: number): number => held - keptOf(options, published.length);
  const heldBefore = beyondHistory(before.heap + before.external);
  await crowd.call("pause", 0);
  const held: number[] = [];
  const withSlow = await publish(events, async (n) => {
    if (n % Math.ceil(events / LOOKS) === 0) held.push(beyondHistory(await server.call("held")));
  });
  const peak = await server.call("peak");
  const after = await server.call("memory");
  held.push(beyondHistory(after.heap + after.external));

  let slow = 0;
  await crowd.call("resume", slow);
  // It reads what is on the way to it, and then finds the end of its connection, or a reset.
  const end = await until(crowd, slow, ({ closed, resets }) => closed || resets.length > 0);
  if (end.closed) slow = await crowd.call("comeBack", slow, port, PATH);
  await until(crowd, slow, ({ next, resets }) => next === published.length || resets.length > 0);
  await publish(1);
  const last = await until(crowd, slow, ({ next }) => next === published.length);

  const verdict = await crowd.call("verdict", PATH, published);
  await crowd.call("restart");
  const leaked = await left(server);
  await server.call("close");
  return {
    isCut: end.closed,
    told: last.resets,
    hasLast: last.next === published.length,
    ...verdict,
    peak: peak - before.rss,
    rss: after.rss - before.rss,
    held: Math.max(...held) - heldBefore,
    without,
    with: withSlow,
    leaked,
  };
}

/** How many bytes the history of a channel holds after so many events, about. */
function keptOf({ history }: ChannelsOptions, events: number): number {
  const { bytes = HISTORY_BYTES } = history === false ? { bytes: 0 } : (history ?? {});
  return Math.min(bytes, events * EVENT_BYTES);
}

/** How it stands with a client when something has come about, or after a while. */
async function until(
  crowd: Program<Crowd>,
  index: number,
  done: (state: ClientState) => boolean,
): Promise<ClientState> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const state = await crowd.call("state", index);
    if (done(state) || performance.now() > deadline) return state;
    await delay(5);
  }
}
