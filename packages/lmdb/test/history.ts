import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Entry, Follower, HistoryBounds, PageOfEntries } from "@sluice/core";
import { afterEach, beforeEach, expect } from "vitest";
import { LmdbBroker, type LmdbBrokerOptions } from "../src/index.js";

export const PLENTY: HistoryBounds = { count: 100_000, age: 3_600_000, bytes: 1_000_000_000 };

/** A folder for each test. */
export let path: string;
let opened: LmdbBroker[];

beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), "sluice-lmdb-"));
  opened = [];
});

afterEach(async () => {
  await Promise.all(opened.map((broker) => broker.close()));
  rmSync(path, { recursive: true, force: true });
});

/** Opens the history of the test's folder; it is closed when the test ends. */
export function open(options: Partial<LmdbBrokerOptions> = {}): LmdbBroker {
  const broker = new LmdbBroker({ path, ...options });
  opened.push(broker);
  return broker;
}

export function publish(
  broker: LmdbBroker,
  text: string,
  history: HistoryBounds = PLENTY,
  channel = "a",
): Promise<string> {
  return broker.publish({ channel, kind: "text", text, history });
}

export function publishAll(
  broker: LmdbBroker,
  texts: readonly string[],
  history?: HistoryBounds,
): Promise<string[]> {
  return Promise.all(texts.map((text) => publish(broker, text, history)));
}

export function end(broker: LmdbBroker, history: HistoryBounds = PLENTY): Promise<string> {
  return broker.publish({ channel: "a", kind: "end", text: "", history });
}

/** Everything after a cursor, which must not be refused. */
export function textsAfter(broker: LmdbBroker, after: string, channel = "a"): string[] {
  const page = broker.read(channel, after, undefined, Number.POSITIVE_INFINITY);
  expect(page.refused).toBeUndefined();
  return (page as PageOfEntries).entries.map(({ text }) => text);
}

/** The cursor before everything that the history has. */
export function start(broker: LmdbBroker, from: string, channel = "a"): string {
  return broker.rewind(channel, Number.POSITIVE_INFINITY, from);
}

export class Recorder implements Follower {
  readonly told: { previous: string; entry: Entry }[] = [];
  deliver(previous: string, entry: Entry): void {
    this.told.push({ previous, entry });
  }
  reached(): void {}
  get texts(): string[] {
    return this.told.map(({ entry }) => entry.text);
  }
}

export const numbers = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => `event ${n}`);
