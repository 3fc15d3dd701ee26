import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { counted } from "./counted.js";
import { leftOf } from "./left-of.js";
import { startProgram } from "./program.js";
import type { Crowd, Fates } from "./programs/crowd.js";
import type { FaultServer, FaultServerState, Published } from "./programs/fault-server.js";
import { settled } from "./settled.js";

export interface RestartReport {
  /** From the signal to the exit of the first server, in milliseconds. */
  readonly exit: number;
  /** Ends of streams, from the signal on, by tenths of the drain window. */
  readonly histogram: readonly number[];
  /** The most ends within a tenth of the time over which they were spread, as a part of all. */
  readonly peakShare: number;
  /** From the first end to the last, in milliseconds. */
  readonly spread: number;
  /** Events that were acknowledged, and those of them after the signal. */
  readonly acknowledged: number;
  readonly late: number;
  readonly lost: number;
  readonly doubled: number;
  readonly strange: number;
  /** Clients that have the last event. */
  readonly arrived: number;
  /** How many clients were told so many resets, by their reasons. */
  readonly resets: Readonly<Record<string, number>>;
  readonly refusals: readonly string[];
  readonly rejections: readonly string[];
  /** What the second server has left when all clients have gone. The first one could not exit with anything. */
  readonly leaked: readonly string[];
  /** The most memory that the first server had, in bytes. */
  readonly peakMemory: number;
}

const PATH = "/faults/channel/main";

/**
 * Ends a server by a signal while clients listen and it publishes. When it is gone, another one takes
 * its port over, and its history if that is on the disk; the clients come back when they were told to.
 *
 * @param window - the drain window, in milliseconds
 */
export async function restart(
  clients: number,
  window: number,
  history: "disk" | "memory",
): Promise<RestartReport> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-restart-"));
  const options = {
    ...(history === "disk" && { path: folder }),
    sluice: { drainWindow: window, logStreams: false },
    channels: { history: { count: 100_000, bytes: 67_108_864 } },
  };
  await using crowd = await startProgram<Crowd>("crowd");
  const first = await startProgram<FaultServer>("fault-server");
  const published: Published[] = [];
  let rejections: readonly string[] = ["the server did not tell"];
  first.onTold((told) => {
    if (typeof told !== "object" || told === null) return;
    if ("seq" in told) published.push(told as Published);
    if ("rejections" in told) ({ rejections } = told as Pick<FaultServerState, "rejections">);
  });
  const port = await first.call("listen", options);
  await crowd.call("connect", port, PATH, clients, true);
  await first.call("keepPublishing", "main", Math.max(20, clients / 25));
  await settled(() => published.length >= 5, 5_000);
  const peakMemory = await first.call("peak");

  const before = published.length;
  const signalled = Date.now();
  process.kill(first.pid, "SIGTERM");
  await first.ended;
  const exit = Date.now() - signalled;

  await using second = await startProgram<FaultServer>("fault-server");
  await second.call("listen", { ...options, port });
  await second.call("number", "main", published.length);
  let fates: Fates = await crowd.call("fates");
  const ends = fates.ends.map((at) => at - signalled);
  // From one to two windows after its end, each is back.
  const deadline = performance.now() + 3 * window + 10_000;
  while (fates.open < clients && performance.now() < deadline) {
    await delay(100);
    fates = await crowd.call("fates");
  }
  const more = await second.call("publish", "main", 3, 10);
  const ids = [...published.map(({ id }) => id), ...more];
  const arrived = await Promise.race([
    crowd.call("reached", ids.length).then(() => clients),
    delay(10_000).then(() => crowd.call("count", ids.length)),
  ]);
  fates = await crowd.call("fates");
  const verdict = await crowd.call("verdict", PATH, ids);
  await crowd.call("restart");
  const leaked = await leftOf(second, Number.POSITIVE_INFINITY);
  await second.call("close");
  rmSync(folder, { recursive: true });
  return {
    ...shapeOf(ends, window),
    ...verdict,
    exit,
    acknowledged: published.length,
    late: published.length - before,
    arrived,
    resets: counted(fates.resets.map((reasons) => reasons.join("+") || "none")),
    refusals: fates.refusals,
    rejections,
    leaked,
    peakMemory,
  };
}

function shapeOf(ends: readonly number[], window: number) {
  const histogram = Array.from({ length: 10 }, () => 0);
  const [earliest, latest] = [Math.min(...ends), Math.max(...ends)];
  const spread = latest - earliest;
  const tenths = Array.from({ length: 10 }, () => 0);
  for (const at of ends) {
    histogram[Math.min(9, Math.floor((at / window) * 10))]!++;
    tenths[Math.min(9, Math.floor(((at - earliest) / (spread + 1)) * 10))]!++;
  }
  return { histogram, spread, peakShare: Math.max(...tenths) / ends.length };
}
