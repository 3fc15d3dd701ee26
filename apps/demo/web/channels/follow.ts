import type { ClientOptions, ClientState, Reset, SseClientError } from "@sluice/client";

/** Where an event has its place: in the stream, and in time. */
export interface Mark {
  readonly id: string | undefined;
  /** Whether it was published before this connection was opened; undefined where that can't be told. */
  readonly replayed: boolean | undefined;
}

/** A client's outside, as a card shows it. */
export interface Watched {
  readonly state: ClientState;
  readonly error: SseClientError | undefined;
  readonly retryAt: number | undefined;
  readonly lastEventId: string;
}

/** An event of any client. */
export interface AnyEvent {
  readonly event: string;
  readonly data: unknown;
  readonly id: string | undefined;
}

/** A client that a card has started. */
export interface Followed {
  close(): void;
  /** Where the view keeps the client to itself, nobody else can listen. */
  on?(listener: (event: AnyEvent) => void): () => void;
}

/** What a card gives to the client that it starts: the options of `connect`, and the marks. */
export interface FollowOptions extends Pick<
  ClientOptions,
  "body" | "fetch" | "headers" | "lastEventId"
> {
  /** Whether the visitor wants to share the connection between tabs. */
  readonly isShared: boolean;
  readonly onReset: (reset: Reset) => void;
  readonly onStateChange: (state: ClientState, client: Watched) => void;
}

/** Tells the place of an event whose data says when it was published. */
export type MarkOf = (event: {
  readonly id: string | undefined;
  readonly data: { readonly at: number };
}) => Mark;
