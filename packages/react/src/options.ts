import type {
  ClientOptions,
  EventMap,
  ParseOptions,
  ReceivedEvent,
  ReceivedEventOf,
  Reset,
  TextEvents,
} from "@sluice/client";

/** Functions that are called for the events of a stream, by their names. */
export type SseHandlers<M extends EventMap = EventMap> = {
  readonly [N in keyof M & string]?: (data: M[N], event: ReceivedEventOf<M, N>) => void;
};

/** What `data` is where no reducer makes it: that of the latest event, undefined before the first. */
export type LatestData<M extends EventMap = EventMap> = M[keyof M & string] | undefined;

/**
 * What the hook takes besides `parse` and a reducer. Handlers, `onReset`, the reducer and `headers` are always those of
 * the latest render; the rest of what the client takes is read when a connection is opened.
 */
export interface SseSettings<M extends EventMap, S> extends Omit<
  ClientOptions,
  "maxBuffered" | "onReset" | "onStateChange" | "signal"
> {
  /**
   * Whether the stream is followed. While it is not, `state` is `"idle"` and all else stays as it was; then it goes on
   * from there.
   * @defaultValue true
   */
  readonly enabled?: boolean;
  /** When it changes the stream is another one: for what the URL, the method and the body do not tell. */
  readonly key?: string | number;
  /**
   * How many of the latest `events` are kept.
   * @defaultValue 100
   */
  readonly maxEvents?: number;
  /** Called once for each event of a name, at once, not when it is rendered. */
  readonly on?: SseHandlers<M>;
  /** Called once for each event, after the one in `on`. */
  readonly onEvent?: (event: ReceivedEvent<M>) => void;
  /**
   * Events are missing: what the server told could not be resumed. All that came before has been handled, and what
   * follows waits for the promise. What it returns becomes `data`, unless that is undefined. If it fails, the stream is
   * opened again from where it was, and it is called again.
   */
  readonly onReset?: (reset: Reset) => S | void | Promise<S | void>;
  /**
   * Throws an error that ends the stream when the component is rendered, to its error boundary.
   * @defaultValue false
   */
  readonly throwOnError?: boolean;
}

/** What `useSse` takes; with `parse` as far as the map of events needs it. */
export type UseSseOptions<M extends EventMap = EventMap, S = LatestData<M>> = SseSettings<M, S> &
  ([TextEvents<M>] extends [never]
    ? { readonly parse?: ParseOptions<M> }
    : { readonly parse: ParseOptions<M> });

/** How `data` is made of all events. */
export interface SseReduction<M extends EventMap, S> {
  /**
   * Takes an event into the data; called once for each event, outside of rendering. It returns new data and leaves the
   * old as it is.
   */
  readonly reducer: (data: S, event: ReceivedEvent<M>) => S;
  /** What `data` is before the first event. It is read when a stream begins. */
  readonly initialValue: S;
}

/** What `useSse` takes to make its data of all events. */
export type ReducedSseOptions<M extends EventMap, S> = UseSseOptions<M, S> & SseReduction<M, S>;
