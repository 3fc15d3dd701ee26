import type { EventMap, Reset } from "@sluice/protocol";
import type { SseClient } from "./client.js";
import type { TextEvents } from "./events.js";
import type { FetchLineOptions } from "./fetch-line.js";
import type { ClientState, OpenLine } from "./line.js";
import type { Parse } from "./payload.js";

/**
 * How the data of each event is read. An event that is not named here has JSON; data that is no JSON is taken as the
 * string that it is, for Sluice's servers send strings as they are. A string that happens to be JSON (`42`, `null`)
 * would become something else: so events whose data is a string have to be named, with `text`.
 */
export type ParseOptions<M extends EventMap> = {
  readonly [N in keyof M & string as N extends TextEvents<M> ? N : never]: Parse<M[N]>;
} & { readonly [N in keyof M & string as N extends TextEvents<M> ? never : N]?: Parse<M[N]> };

/** What `connect` takes beside the URL. Times are in milliseconds. */
export interface ClientOptions<M extends EventMap = EventMap> extends FetchLineOptions {
  /**
   * Where to resume from: the id of an event that was handled before, in another life of the page.
   * @defaultValue none: the server decides where a new client begins
   */
  readonly lastEventId?: string;
  /** Ends the client when it is aborted, as `close()` does. */
  readonly signal?: AbortSignal;
  /**
   * How many events may wait for a loop that does not take them. Then nothing more is read, and the server notices.
   * @defaultValue 256
   */
  readonly maxBuffered?: number;
  /**
   * Events are missing: what the server told could not be resumed. All that came before has been handled when it is
   * called, and what follows waits for its promise: time to fetch the state anew. If it fails, the client comes back
   * from where it was, and is told again.
   */
  readonly onReset?: (reset: Reset, client: SseClient<M>) => void | Promise<void>;
  /** Called after each change of `state`. */
  readonly onStateChange?: (state: ClientState, client: SseClient<M>) => void;
  /** Shares one connection between the tabs of a browser: `sharedTabs()` of `@sluice/client/shared`. */
  readonly share?: (open: OpenLine, url: string) => OpenLine;
}

/** The options, with `parse` as far as the map of events needs it. */
export type ConnectOptions<M extends EventMap = EventMap> = ClientOptions<M> &
  ([TextEvents<M>] extends [never]
    ? { readonly parse?: ParseOptions<M> }
    : { readonly parse: ParseOptions<M> });
