import type { RunState } from "./run-store.js";

/** What the application sees of a run. */
export interface RunInfo {
  readonly key: string;
  /** Whose it is; undefined for nobody's in particular, and for one that all share. */
  readonly principal: string | undefined;
  readonly state: RunState;
  readonly started: Date;
  /** How many events it has had; undefined where only another process knows, or did. */
  readonly events: number | undefined;
  /** How many connections of this process listen. */
  readonly listeners: number;
}
