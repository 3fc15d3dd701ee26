import { type ClientOptions, connect, type EventsOf } from "@sluice/client";
import { sharedTabs } from "@sluice/client/shared";
import type { Numbered, StoryController } from "./page-history-server.js";

/** An event that a page got. */
export interface SeenEvent extends Numbered {
  readonly id: string;
  /** In milliseconds since 1970. */
  readonly at: number;
}

/** What a page has seen of its stream. */
export interface Seen {
  readonly events: SeenEvent[];
  /** The data of each `sluice.reset`. */
  readonly resets: string[];
  /** When the stream opened, each time, in milliseconds since 1970. */
  readonly opens: number[];
  /** Whether it has a position, from which it misses nothing. */
  isJoined: boolean;
  /** Why it comes back no more. */
  gaveUp: string | undefined;
}

/** How a page listens; each writes down what it sees. */
const kinds = {
  /** With nothing but the browser's own `EventSource`. */
  native(url: string, seen: Seen): void {
    const source = new EventSource(url);
    source.addEventListener("open", () => seen.opens.push(Date.now()));
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) seen.gaveUp = "readyState is 2";
    });
    source.addEventListener("sluice.position", () => (seen.isJoined = true));
    source.addEventListener("sluice.reset", ({ data }: MessageEvent<string>) => {
      seen.resets.push(data);
    });
    source.addEventListener("stored", ({ data, lastEventId }: MessageEvent<string>) => {
      see(seen, JSON.parse(data) as Numbered, lastEventId);
    });
  },
  /** With Sluice's client, as it is by default. */
  client(url: string, seen: Seen): void {
    followBy({}, url, seen);
  },
  /** The same, on a connection that the pages of this kind share. */
  shared(url: string, seen: Seen): void {
    followBy({ share: sharedTabs("story") }, url, seen);
  },
};
export type PageKind = keyof typeof kinds;

function followBy(options: Pick<ClientOptions, "share">, url: string, seen: Seen): void {
  const client = connect<EventsOf<StoryController["story"]>>(url, {
    ...options,
    onReset: (reset) => void seen.resets.push(JSON.stringify(reset)),
    onStateChange(state, { error }) {
      if (state === "open") seen.opens.push(Date.now());
      if (state === "closed") seen.gaveUp = String(error);
    },
  });
  client.on("stored", (data, { id }) => see(seen, data, id));
  Object.defineProperty(seen, "isJoined", {
    enumerable: true,
    get: () => client.lastEventId !== "",
  });
}

export interface StoryPage {
  readonly seen: Seen;
  follow(kind: PageKind, url: string): void;
}

const seen: Seen = { events: [], resets: [], opens: [], isJoined: false, gaveUp: undefined };
const page: StoryPage = { seen, follow: (kind, url) => kinds[kind](url, seen) };
Object.assign(globalThis, { page });

function see(seen: Seen, { life, seq }: Numbered, id: string | undefined): void {
  seen.events.push({ life, seq, id: id ?? "none", at: Date.now() });
}
