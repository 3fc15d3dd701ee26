import type { BrowserPage } from "./browser.js";

/** An event that a listener got. */
export interface HeardEvent {
  readonly name: string;
  readonly data: string;
  readonly id: string;
}

/** What a page has heard of its `EventSource`. */
export interface Heard {
  readonly events: readonly HeardEvent[];
  /** How often `open` fired. */
  readonly opens: number;
  /** `readyState` at each `error` that is no message. */
  readonly states: readonly number[];
}

interface World {
  heard: { events: HeardEvent[]; opens: number; states: number[] };
}

/**
 * Has a page listen with nothing but the browser's own `EventSource`, which nobody closes.
 *
 * @param names - of the events that it has listeners for
 */
export async function listen(
  page: BrowserPage,
  url: string,
  names: readonly string[],
): Promise<void> {
  await page.evaluate(
    (url, names) => {
      const heard: World["heard"] = { events: [], opens: 0, states: [] };
      Object.assign(globalThis, { heard });
      const source = new EventSource(url);
      source.addEventListener("open", () => heard.opens++);
      source.addEventListener("error", (event) => {
        if (!(event instanceof MessageEvent)) heard.states.push(source.readyState);
      });
      for (const name of names) {
        source.addEventListener(name, (event: MessageEvent<string>) => {
          // The same listener hears of the connection, where the name is "error".
          if (!(event instanceof MessageEvent)) return;
          heard.events.push({ name, data: event.data, id: event.lastEventId });
        });
      }
    },
    url,
    names,
  );
}

/** Waits until the page has heard so much, and returns all that it has heard. */
export function heardAtLeast(
  page: BrowserPage,
  counts: { readonly events?: number; readonly opens?: number; readonly errors?: number },
): Promise<Heard> {
  return page.waitFor(({ events = 0, opens = 0, errors = 0 }) => {
    const { heard } = globalThis as unknown as World;
    const { length } = heard.states;
    return heard.events.length >= events && heard.opens >= opens && length >= errors && heard;
  }, counts) as Promise<Heard>;
}

/** Waits until the browser has given up, and returns all that the page has heard. */
export function heardTheEnd(page: BrowserPage): Promise<Heard> {
  return page.waitFor(() => {
    const { heard } = globalThis as unknown as World;
    return heard.states.includes(2) && heard;
  }) as Promise<Heard>;
}
