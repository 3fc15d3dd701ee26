import type { NamedEvent, SseEvent, SseShorthand, SseYield } from "./event.js";
import type { Jsonify, Simplify } from "./jsonify.js";

declare const EVENTS: unique symbol;

/**
 * The events of a stream: for each name the type of its data. Write it as a type alias; an interface has no index
 * signature and is not assignable to it.
 */
export type EventMap = Record<string, unknown>;

/**
 * Says, to the type checker alone, which events a source carries. A class takes it on by an interface of the same
 * name: `interface Feed<M extends EventMap> extends Carries<M> {}`.
 */
export interface Carries<M extends EventMap> {
  readonly [EVENTS]?: M;
}

/** An event that reaches no listener: a comment, a retry, an id. */
export interface SilentEvent extends SseEvent<never, never> {
  event?: undefined;
}

/**
 * What a source of these events may yield: one of the map's events, with its data; a `message` may leave its name
 * out, or be its data alone where a shorthand allows that; and events without data. For {@link EventMap} itself,
 * anything that can be yielded.
 */
export type EventIn<M extends EventMap> = string extends keyof M
  ? SseYield
  : EventOfName<M, keyof M & string> | SilentEvent;

type EventOfName<M extends EventMap, N extends keyof M & string> = N extends "message"
  ? (SseEvent<M[N], N> & { data: M[N] }) | Extract<M[N], SseShorthand>
  : NamedEvent<M[N], N>;

declare const ENCODED: unique symbol;

/** An event that is encoded already, such as those of a channel. */
export interface EncodedEvent<E extends Entry = Entry> {
  /** For the type checker alone: which events it may be. */
  readonly [ENCODED]?: E;
  /** The event as it stands on the wire. */
  readonly text: string;
  /** Whether the server sends it on its own account. */
  readonly isControl: boolean;
}

/** The return type of an async generator method whose events are checked against a map. */
export type SseEvents<M extends EventMap> = AsyncGenerator<
  EventIn<M> | EncodedEvent<EntryOfMap<M>>,
  void,
  unknown
> &
  Carries<M>;

/**
 * The events that a source carries, as the server has them: from its brand, else from what it yields or emits. Names
 * that are not literal types become an index signature; `any` and `unknown` become {@link EventMap}.
 */
export type OfSource<S> = FromEntries<EntryOfSource<S>>;

/**
 * The events that a handler's clients receive: the name of each and its data, as JSON leaves it.
 *
 * @example type Events = EventsOf<RoomsController["join"]>
 */
export type EventsOf<H> = H extends (...args: any[]) => infer R ? Received<OfSource<R>> : never;

type Received<M> = Simplify<{ [N in keyof M]: Jsonify<M[N]> }>;

/** The name of an event and the type of its data. */
export interface Entry<N extends string = string, D = unknown> {
  name: N;
  data: D;
}

// Entries of one name are joined: their data becomes a union.
type FromEntries<E extends Entry> = { [P in E as P["name"]]: P["data"] };

// Distributes over a union of sources.
type EntryOfSource<S> = unknown extends S
  ? Entry
  : S extends string
    ? never
    : S extends PromiseLike<infer P>
      ? EntryOfSource<P>
      : typeof EVENTS extends keyof S
        ? EntryOfMap<NonNullable<S[typeof EVENTS]>>
        : S extends AsyncIterable<infer E> | Iterable<infer E>
          ? EntryOfYield<E>
          : S extends { subscribe(...args: infer A): unknown }
            ? EntryOfYield<Observed<A extends [] ? never : A[0 & keyof A]>>
            : never;

/** The entries of a map; distributes over a union of maps. */
export type EntryOfMap<M> = M extends unknown
  ? { [N in keyof M & string]: Entry<N, M[N]> }[keyof M & string]
  : never;

// Distributes over a union of yields. A branded one is a frame.
type EntryOfYield<E> = unknown extends E
  ? Entry
  : E extends SseShorthand
    ? Entry<"message", E>
    : typeof EVENTS extends keyof E
      ? EntryOfMap<NonNullable<E[typeof EVENTS]>>
      : E extends EncodedEvent<infer N>
        ? N
        : E extends { data?: infer D }
          ? "data" extends keyof E
            ? [Exclude<D, undefined>] extends [never]
              ? never
              : Entry<NameOf<E>, Exclude<D, undefined>>
            : never
          : never;

// An optional name may be missing, which makes it a message.
type NameOf<E> = E extends { event: infer N }
  ? OrMessage<N>
  : E extends { event?: infer N }
    ? "event" extends keyof E
      ? OrMessage<N | undefined>
      : "message"
    : "message";

type OrMessage<N> = N extends string ? N : N extends undefined ? "message" : never;

// What an observer takes: the argument of a function, or of the `next` of an object.
type Observed<O> = O extends (value: infer E) => unknown
  ? E
  : O extends { next?: infer F }
    ? Heard<F>
    : never;

type Heard<F> = F extends (value: infer E) => unknown ? E : never;
