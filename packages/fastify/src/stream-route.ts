import type { SseRoute, Context, SourceItem, StreamLimits } from "@sluice/core";
import type { KeepAlive } from "./keep-alive.js";
import type { Registry } from "./registry.js";
import type { Stragglers } from "./stragglers.js";

/** A streaming route with all that its requests share, worked out once. */
export interface StreamRoute {
  readonly compiled: SseRoute;
  /** How long the head waits for the first event, in milliseconds. */
  readonly openWithin: number;
  /** The reconnection time that opens each stream, as it stands on the wire; "" for none. */
  readonly preamble: string;
  readonly keepAlive: KeepAlive | undefined;
  readonly limits: StreamLimits;
  /** In milliseconds. */
  readonly maxDuration: number | undefined;
  /** Completion is marked, so that a browser does not come back. */
  readonly marksCompletion: boolean;
  readonly onError:
    | ((error: unknown, ctx: Context) => SourceItem | undefined | Promise<SourceItem | undefined>)
    | undefined;
  readonly registry: Registry;
  readonly stragglers: Stragglers;
}
