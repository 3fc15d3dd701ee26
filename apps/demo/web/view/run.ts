import { fillPath, type Example, type Values } from "../catalogue/example.js";
import type { Watched } from "../channels/follow.js";
import type { StreamListener } from "../stream/state.js";
import type { WireReaderListener } from "../stream/wire-reader.js";

/** Under which the browser keeps the shared handle. */
const SHARED = "sluice-shared";

/** One start of an example. */
export interface Run {
  /** Opens what is to be open. */
  start(): void;
  /** Closes whatever is open. */
  stop(): void;
  /** Has the server cut the sockets of this run, as a failing network would. */
  cut(): Promise<void>;
  /** Starts to read the wire or stops it, where that is a connection of its own. */
  readWire?(wanted: boolean): void;
}

/** Whom a run tells what happens. */
export interface RunListener extends StreamListener {
  readonly wire: WireReaderListener;
  /** A connection of this run was closed to make room for another card. */
  onEvicted(kind: "events" | "wire"): void;
  /** The connection is with this node, where there are several. */
  onNode(name: string): void;
  /** Something about Sluice's client may have changed. */
  onClient(client: Watched): void;
}

/** A handle by which the page finds a connection again on the server. */
export function newHandle(): string {
  return crypto.randomUUID().slice(0, 8);
}

/** The handle of what the tabs of this browser share: the same in all of them, and in no other browser. */
export function sharedHandle(): string {
  try {
    const known = localStorage.getItem(SHARED) ?? newHandle();
    localStorage.setItem(SHARED, known);
    return known;
  } catch {
    // Storage can be forbidden; then tabs don't share either.
    return newHandle();
  }
}

/** Where an example's stream is. @param query - what is added to its address */
export function streamUrl(
  { path, browserPath = path }: Pick<Example, "path" | "browserPath">,
  values: Values,
  query: Readonly<Record<string, string | undefined>>,
): string {
  const url = fillPath(browserPath, values);
  const added = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) added.set(name, value);
  }
  return added.size === 0 ? url : `${url}${url.includes("?") ? "&" : "?"}${added.toString()}`;
}

/** Has the server cut the connections of handles. */
export async function cutConnections(handles: readonly string[]): Promise<void> {
  await Promise.all(
    handles.map(async (handle) => fetch(`/connections/${handle}/cut`, { method: "POST" })),
  );
}
