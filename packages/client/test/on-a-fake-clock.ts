import { onTestFinished, vi } from "vitest";
import { type ConnectOptions, connect, type SseClient } from "../src/index.js";
import { FakeFetch } from "./fake-fetch.js";
import { settled } from "./listening.js";
import { Inbox } from "./told.js";

/** Has time stand still until the test moves it on. */
export function stopClock(): void {
  vi.useFakeTimers({ now: new Date("2026-01-01T00:00:00Z") });
  onTestFinished(() => void vi.useRealTimers());
}

/** A client over a {@link FakeFetch}, and what it went through. */
export interface Scripted {
  readonly client: SseClient;
  readonly calls: FakeFetch["calls"];
  /** Each change of its state: with the error's code, and how long it waits. */
  readonly states: Inbox<string>;
  /** The error that it ends with. */
  readonly ended: Promise<unknown>;
}

/** On a clock that the test moves, by the middle of chance, and with a listener that hears nothing. */
export function script(options: ConnectOptions = {}): Scripted {
  stopClock();
  const random = vi.spyOn(Math, "random").mockReturnValue(0.5);
  onTestFinished(() => random.mockRestore());
  const { fetch, calls } = new FakeFetch();
  const states = new Inbox<string>();
  const client = connect("http://sluice.test/stream", {
    fetch,
    ...options,
    onStateChange(state, client) {
      const { error, retryAt } = client;
      states.put(
        [state, error?.code, retryAt === undefined ? undefined : retryAt - Date.now()]
          .filter((part) => part !== undefined)
          .join(" "),
      );
      options.onStateChange?.(state, client);
    },
  });
  const ended = settled(client);
  client.on(() => {});
  return { client, calls, states, ended };
}
