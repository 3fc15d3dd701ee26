import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { countDescriptors, descriptorsSince } from "./descriptors.js";
import { Follower } from "./follower.js";
import { startProgram } from "./program.js";
import type { Acknowledged, HistoryServer } from "./programs/history-server.js";
import { mulberry32 } from "./random.js";

export interface KillReport {
  /** How many publications were acknowledged, and how many more were stored. */
  readonly acknowledged: number;
  readonly unknown: number;
  /** How often clients connected, in all. */
  readonly connects: number;
  /** Acknowledged events that a client has not, over all clients. */
  readonly lost: number;
  readonly doubled: number;
  readonly disordered: number;
  readonly resets: readonly string[];
  /** Descriptors that are open more than before. */
  readonly descriptors: number;
  /** The most memory that a server had, in bytes. */
  readonly peakMemory: number;
  /** From the start of a server to its first answer, in milliseconds; the longest. */
  readonly slowestStart: number;
}

const PATHS = ["/history/one/a", "/history/one/b", "/history/all"] as const;

/**
 * Kills a server whose history is on the disk in the middle of publishing, again and again, while
 * clients follow it and come back with their last ids.
 *
 * @param clients - how many
 */
export async function killNine(rounds: number, clients: number, seed: number): Promise<KillReport> {
  const random = mulberry32(seed);
  const descriptors = countDescriptors();
  const path = mkdtempSync(join(tmpdir(), "sluice-kill-"));
  const acknowledged: Acknowledged[] = [];
  const followers = Array.from({ length: clients }, () => new Follower());
  let following: Promise<void>[] = [];
  let port = 0;
  let peakMemory = 0;
  let slowestStart = 0;
  for (let round = 0; round <= rounds; round++) {
    const began = performance.now();
    const server = await startProgram<HistoryServer>("history-server");
    port = await server.call("listen", path, port);
    if (round > 0) slowestStart = Math.max(slowestStart, performance.now() - began);
    if (round === 0) {
      following = followers.map((follower, n) => follower.follow(port, PATHS[n % PATHS.length]!));
      // Who joins without a cursor begins with what comes then.
      await until(() => followers.every((follower) => follower.isJoined));
    }
    if (round < rounds) {
      server.onTold((told) => void acknowledged.push(told as Acknowledged));
      await server.call("start", `round ${round}`);
      await delay(20 + random() * 500);
      peakMemory = Math.max(peakMemory, peakMemoryOf(server.pid));
      server.kill();
      await server.ended;
      continue;
    }
    // The last of all: whoever has it has come to the end.
    for (const name of ["a", "b"]) acknowledged.push(await server.call("publish", name, "last"));
    await until(() =>
      followers.every((follower, n) => {
        const ends = follower.events.filter(({ publisher }) => publisher === "last");
        return ends.length >= (isMerge(n) ? 2 : 1);
      }),
    );
    for (const follower of followers) follower.leave();
    await Promise.all(following);
    await server.call("close");
    await server[Symbol.asyncDispose]();
  }
  rmSync(path, { recursive: true });
  return {
    ...compare(followers, acknowledged),
    descriptors: await descriptorsSince(descriptors),
    peakMemory,
    slowestStart,
  };
}

function isMerge(n: number): boolean {
  return n % PATHS.length === 2;
}

function compare(
  followers: readonly Follower[],
  acknowledged: readonly Acknowledged[],
): Omit<KillReport, "descriptors" | "peakMemory" | "slowestStart"> {
  const counts = { lost: 0, doubled: 0, disordered: 0, connects: 0 };
  const stored = new Set<string>();
  for (const [n, { events, connects }] of followers.entries()) {
    counts.connects += connects;
    const ids = new Map<string, string>();
    const next = new Map<string, number>();
    for (const event of events) {
      const key = keyOf(event);
      const source = `${event.channel} ${event.publisher}`;
      const due = next.get(source) ?? 0;
      if (ids.has(key)) counts.doubled++;
      else if (event.seq !== due) counts.disordered++;
      next.set(source, Math.max(due, event.seq + 1));
      ids.set(key, event.id);
      stored.add(key);
    }
    for (const event of acknowledged) {
      const id = ids.get(keyOf(event));
      if (isMerge(n)) {
        if (id === undefined) counts.lost++;
      } else if (PATHS[n % PATHS.length]!.endsWith(event.channel) && id !== event.id) counts.lost++;
    }
  }
  return {
    ...counts,
    acknowledged: acknowledged.length,
    unknown: stored.size - acknowledged.length,
    resets: followers.flatMap(({ resets }) => resets),
  };
}

function keyOf({ channel, publisher, seq }: Omit<Acknowledged, "id">): string {
  return `${channel} ${publisher} ${seq}`;
}

/** @throws when it takes too long */
async function until(done: () => boolean): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!done()) {
    if (performance.now() > deadline) throw new Error("Clients do not come to the end.");
    await delay(5);
  }
}

/** The most memory that a process has had; 0 where the system does not tell. */
function peakMemoryOf(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1_024;
  } catch {
    return 0;
  }
}
