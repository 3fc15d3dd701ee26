import { setTimeout as delay } from "node:timers/promises";
import { connect, type Socket } from "node:net";
import { Latencies } from "../latencies.js";
import { answer } from "./answer.js";
import { Client, PathLog } from "./crowd-client.js";

/** What clients have seen that they should not have, over all clients of a path. */
export interface CrowdVerdict {
  readonly lost: number;
  readonly doubled: number;
  /** Events whose id is not the one that publishing gave. */
  readonly strange: number;
}

/** How many connections are being made at once. */
const WAVE = 200;

const clients: Client[] = [];
const mutes: Socket[] = [];
const logs = new Map<string, PathLog>();
const latencies = new Latencies();
let target = 0;
let missing = 0;
let onReached: (() => void) | undefined;

function took({ next }: Client, at: number): void {
  latencies.add(Math.round(performance.timeOrigin * 1_000 + performance.now() * 1_000) - at);
  if (next === target && --missing === 0) onReached?.();
}

function logOf(path: string): PathLog {
  let log = logs.get(path);
  if (log === undefined) logs.set(path, (log = new PathLog()));
  return log;
}

const commands = {
  /**
   * Connects so many clients; resolves when all have their head.
   *
   * @param returns - they come back with their last ids, as browsers do
   */
  async connect(port: number, path: string, count: number, returns = false): Promise<void> {
    const log = logOf(path);
    for (let n = 0; n < count; n += WAVE) {
      const wave = Array.from(
        { length: Math.min(WAVE, count - n) },
        () => new Client({ port, path, log, returns, took }),
      );
      clients.push(...wave);
      await Promise.all(wave.map(({ opened }) => opened));
    }
  },
  /** Connects so many that never read anything; resolves when all are connected. */
  async connectMute(port: number, path: string, count: number): Promise<void> {
    const wave = Array.from({ length: count }, () => {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {});
      socket.pause();
      socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`);
      return socket;
    });
    mutes.push(...wave);
    while (wave.some(({ connecting }) => connecting)) await delay(5);
  },
  /** Resolves when every client that counts has had so many events. */
  reached(count: number): Promise<void> {
    missing = clients.filter(({ counts, next }) => counts && next < count).length;
    target = count;
    return missing === 0 ? Promise.resolve() : new Promise((resolve) => (onReached = resolve));
  },
  /** How many clients have had so many events. */
  count: (count: number): number => clients.filter(({ next }) => next >= count).length,
  /** Compares what the clients of a path have seen with the ids that publishing gave. */
  verdict(path: string, published: readonly string[]): CrowdVerdict {
    const log = logOf(path);
    log.compare(published);
    const { lost, doubled, strange } = log;
    return { lost, doubled, strange };
  },
  /** Milliseconds from the publishing to the reading, since the last time that they were asked for. */
  latencies: () => latencies.take(),
  /** All leave; those that come from now on begin with event 0 again. */
  async restart(): Promise<void> {
    for (const client of clients) client.leave();
    for (const socket of mutes) socket.destroy();
    while (clients.some(({ closed }) => !closed)) await delay(5);
    clients.length = 0;
    mutes.length = 0;
    logs.clear();
  },
  /** Those leave that never read. */
  leaveMute(): void {
    for (const socket of mutes.splice(0)) socket.destroy();
  },
  /** A client stops reading; it does not count from then on. */
  pause(index: number): void {
    clients[index]!.counts = false;
    clients[index]!.socket.pause();
  },
  /** It reads what has been sent to it, and goes on. */
  resume(index: number): void {
    clients[index]!.socket.resume();
  },
  state(index: number): ClientState {
    const { closed, next, resets } = clients[index]!;
    return { closed, next, resets };
  },
  /** A client whose connection has ended comes back with its last id as another; gives its number. */
  async comeBack(index: number, port: number, path: string): Promise<number> {
    const { next, lines } = clients[index]!;
    const client = new Client({ port, path, log: logOf(path), lastEventId: lines.lastId, took });
    client.counts = false;
    client.next = next;
    clients.push(client);
    await client.opened;
    return clients.length - 1;
  },
  /** What became of all clients. */
  fates(): Fates {
    return {
      open: clients.filter(({ isOpen }) => isOpen).length,
      ends: clients.flatMap(({ ends }) => ends),
      resets: clients.map(({ resets }) => resets),
      refusals: clients.flatMap(({ refusals }) => refusals),
    };
  },
};

/** What became of clients. */
export interface Fates {
  /** How many have the head of their stream. */
  readonly open: number;
  /** When their streams ended, in milliseconds of the epoch. */
  readonly ends: readonly number[];
  /** The reasons of the resets that each was told. */
  readonly resets: readonly (readonly string[])[];
  /** Statuses other than 200. */
  readonly refusals: readonly string[];
}

/** How it stands with a client. */
export interface ClientState {
  readonly closed: boolean;
  /** The number of the event that it expects. */
  readonly next: number;
  /** The reasons of the resets that it was told. */
  readonly resets: readonly string[];
}

export type Crowd = typeof commands;
answer(commands);
