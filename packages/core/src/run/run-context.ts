import type { EventMap } from "@sluice/protocol";
import type { FramedEvent } from "../frame.js";
import type { Context } from "../pipeline/context.js";

/** What `@Ctx()` gives the handler of a run: the context of the request that has started it, and more. */
export interface RunContext<M extends EventMap = EventMap> extends Context {
  /** Aborted when the run ends, whoever has left before. */
  readonly signal: AbortSignal;
  /** Always undefined: a run starts at the beginning. */
  readonly lastEventId: undefined;
  /**
   * What the attempt before has published, where `restart: "on-error"` lets this one begin because that
   * one failed, was orphaned or lost: its events in their order, without ids, to be yielded again as they
   * are. Without such an attempt, or if nothing of it is kept any more, there are none; none come when
   * the run is over, either. It can be iterated more than once. It throws what the broker throws.
   */
  readonly previous: AsyncIterable<FramedEvent<M>>;
}
