import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { onTestFinished } from "vitest";
import type { ConnectionClosed, ProducerStuck } from "../src/index.js";

/** Gathers what a diagnostics channel tells until the test is over. */
function gather<T>(channel: string): readonly T[] {
  const messages: T[] = [];
  const listener = (message: unknown): void => void messages.push(message as T);
  subscribe(channel, listener);
  onTestFinished(() => void unsubscribe(channel, listener));
  return messages;
}

export const watchClosings = (): readonly ConnectionClosed[] => gather("sluice:connection:closed");
export const watchStuck = (): readonly ProducerStuck[] => gather("sluice:producer:stuck");

/** A promise and what settles it, for a test that decides when something goes on. */
export class Gate {
  readonly opened: Promise<void>;
  open!: () => void;

  constructor() {
    this.opened = new Promise((resolve) => (this.open = resolve));
  }
}

/** Resolves when the next stream is open: call it before the request. */
export function nextOpened(): Promise<void> {
  return new Promise((resolve) => {
    const listener = (): void => {
      unsubscribe("sluice:connection:opened", listener);
      resolve();
    };
    subscribe("sluice:connection:opened", listener);
  });
}
