import { scope } from "../surroundings.js";

/** What a page tells of its life. */
export interface PageLife {
  /** It is kept without running, to come back as it is (or it ends). */
  left(): void;
  /** It runs again. */
  entered(): void;
  /** Somebody sees it. */
  seen(): void;
}

/** What sharing needs of a browser. */
export interface Surroundings {
  readonly locks: Pick<LockManager, "query" | "request">;
  openChannel(name: string, hear: (data: unknown) => void): Channel;
  /** Calls a function after a time in milliseconds. The result calls it off. */
  after(delay: number, run: () => void): () => void;
  /** The result ends it. */
  watchPage(life: PageLife): () => void;
}

/** Reaches all others of the same name. */
export interface Channel {
  post(data: unknown): void;
  close(): void;
}

/** Undefined where there is no `BroadcastChannel` or no Web Locks, as in insecure contexts. */
export function findSurroundings(): Surroundings | undefined {
  const { BroadcastChannel, navigator } = scope;
  const locks = (navigator as { readonly locks?: LockManager } | undefined)?.locks;
  if (BroadcastChannel === undefined || locks === undefined) return undefined;
  return {
    locks,
    openChannel(name, hear) {
      const channel = new BroadcastChannel(name);
      channel.addEventListener("message", ({ data }) => hear(data));
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has no other origin
      return { post: (data) => channel.postMessage(data), close: () => channel.close() };
    },
    after(delay, run) {
      const timer = setTimeout(run, delay);
      return () => clearTimeout(timer);
    },
    watchPage,
  };
}

function watchPage(life: PageLife): () => void {
  const end = new AbortController();
  const options = { signal: end.signal };
  const { document } = scope;
  scope.addEventListener?.("pagehide", () => life.left(), options);
  scope.addEventListener?.("pageshow", () => life.entered(), options);
  // Chromium's own: a tab in the background may be frozen (Page Lifecycle, section 4).
  document?.addEventListener("freeze", () => life.left(), options);
  document?.addEventListener("resume", () => life.entered(), options);
  const look = (): void => {
    if (!document?.hidden) life.seen();
  };
  document?.addEventListener("visibilitychange", look, options);
  return () => end.abort();
}
