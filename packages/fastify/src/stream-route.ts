import type { Connections, SseRoute, Context, SourceItem, StreamLimits } from "@sluice/core";
import type { PrincipalOf } from "./admission.js";
import type { KeepAlive } from "./keep-alive.js";
import type { Limits } from "./limits.js";
import type { Registry } from "./registry.js";
import type { Stragglers } from "./stragglers.js";
import type { WriteDeadline } from "./write-deadline.js";

/** A streaming route with all that its requests share, worked out once. */
export interface StreamRoute {
  readonly compiled: SseRoute;
  /** How long the head waits for the first event, in milliseconds. */
  readonly openWithin: number;
  /** The reconnection time that opens each stream, as it stands on the wire; "" for none. */
  readonly preamble: string;
  readonly keepAlive: KeepAlive | undefined;
  readonly limits: StreamLimits;
  readonly admissions: Limits;
  /** How many connections it may have. */
  readonly maxConnections: number | undefined;
  readonly principal: PrincipalOf | undefined;
  readonly refuseWith: "status" | "retry";
  readonly writeDeadline: WriteDeadline | undefined;
  /** In milliseconds. */
  readonly maxDuration: number | undefined;
  /** How often the guards are asked again, in milliseconds. */
  readonly recheck: number | undefined;
  /** A line goes into the log for each connection that closes. */
  readonly logsCloses: boolean;
  /** Completion is marked, so that a browser does not come back. */
  readonly marksCompletion: boolean;
  readonly onError:
    | ((error: unknown, ctx: Context) => SourceItem | undefined | Promise<SourceItem | undefined>)
    | undefined;
  /** Those that the application sees. */
  readonly connections: Connections;
  readonly registry: Registry;
  readonly stragglers: Stragglers;
}
