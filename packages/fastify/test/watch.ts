import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { onTestFinished } from "vitest";
import type { ConnectionClosed, ProducerStuck } from "../src/index.js";

/** Gathers what a diagnostics channel tells until the test is over. */
function gather<T extends object>(channel: string): readonly Omit<T, "id">[] {
  const messages: Omit<T, "id">[] = [];
  const listener = (message: unknown): void => {
    const { id: _id, ...rest } = message as T & { readonly id?: number };
    messages.push(rest);
  };
  subscribe(channel, listener);
  onTestFinished(() => void unsubscribe(channel, listener));
  return messages;
}

/** The handler and the reason of each connection that closes until the test is over. */
export function watchClosings(): readonly Pick<ConnectionClosed, "route" | "reason">[] {
  const closings: Pick<ConnectionClosed, "route" | "reason">[] = [];
  const listener = (message: unknown): void => {
    const { route, reason } = message as ConnectionClosed;
    closings.push({ route, reason });
  };
  subscribe("sluice:connection:closed", listener);
  onTestFinished(() => void unsubscribe("sluice:connection:closed", listener));
  return closings;
}

export const watchStuck = (): readonly Omit<ProducerStuck, "id">[] =>
  gather<ProducerStuck>("sluice:producer:stuck");

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
