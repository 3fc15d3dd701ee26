import type { Entry, Follower, HistoryBounds, Page, Publication } from "@sluice/core";
import { vi } from "vitest";
import { RedisBroker, type RedisBrokerOptions } from "../src/index.js";

export const HISTORY: HistoryBounds = { count: 1_000, age: 3_600_000, bytes: 16_777_216 };

/** A broker with short times, closed with the test. */
export function openBroker(
  url: string | readonly string[],
  options: Partial<RedisBrokerOptions> = {},
): RedisBroker & AsyncDisposable {
  const broker = new RedisBroker({
    url,
    commandTimeout: 300,
    publishTimeout: "5s",
    checkInterval: "1h",
    ...options,
  });
  return Object.assign(broker, { [Symbol.asyncDispose]: () => broker.close() });
}

export function event(channel: string, text: string, history: Partial<HistoryBounds> = {}) {
  return {
    channel,
    kind: "text",
    text,
    history: { ...HISTORY, ...history },
  } satisfies Publication;
}

/** @throws when it is a refusal */
export function entriesOf(page: Page): readonly Entry[] {
  if (page.refused !== undefined) throw new Error(`Refused: ${page.refused}`);
  return page.entries;
}

/** Notes what it is told. */
export class Ear implements Follower {
  readonly told: (Entry & { readonly previous: string })[] = [];
  readonly positions: string[] = [];

  deliver(previous: string, entry: Entry): void {
    this.told.push({ previous, ...entry });
  }
  reached(position: string): void {
    this.positions.push(position);
  }
  get texts(): string[] {
    return this.told.map(({ text }) => text);
  }
}

/** Waits for something that comes about by itself. */
export function until(assertion: () => unknown, timeout = 10_000): Promise<unknown> {
  return vi.waitFor(assertion, { timeout, interval: 10 });
}
