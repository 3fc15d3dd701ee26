import { Observable } from "rxjs";
import { describe, expectTypeOf, it } from "vitest";
import { event, type NamedEvent, type SseEvent, type SseYield } from "./event.js";
import type { Jsonify } from "./jsonify.js";
import type {
  Carries,
  EventIn,
  EventMap,
  EventsOf,
  OfSource,
  SilentEvent,
  SseEvents,
} from "./types.js";

type Room = { message: { text: string }; left: { user: string; at: Date } };

/** A branded source, as streams and channels are. */
interface Feed<M extends EventMap = EventMap> extends Carries<M> {
  subscribe(wrong: (value: "not read") => void): void;
}
declare const feed: <M extends EventMap = EventMap>() => Feed<M>;
const maybeId = undefined as string | undefined;

type NamesOf<H> = keyof EventsOf<H>;

describe("SseEvent", () => {
  it("takes undefined in the fields that may be absent", () => {
    expectTypeOf({ data: 1, id: maybeId, event: maybeId, comment: maybeId }).toExtend<SseEvent>();
    expectTypeOf<{ id: undefined; retry: undefined }>().toExtend<SseEvent>();
    expectTypeOf<{ count: number }>().not.toExtend<SseYield>();
    expectTypeOf<undefined>().not.toExtend<SseYield>();
    expectTypeOf<{ id: number }>().not.toExtend<SseYield>();
  });

  it("is made by event() with the literal type of its name", () => {
    expectTypeOf(event("tick", { n: 1 })).toEqualTypeOf<NamedEvent<{ n: number }, "tick">>();
    expectTypeOf(event("tick", "x", { id: maybeId })).toExtend<SseEvent<string, "tick">>();
  });
});

describe("EventIn", () => {
  it("is the union of the map's events, and of events without data", () => {
    expectTypeOf<{ event: "left"; data: { user: string; at: Date } }>().toExtend<EventIn<Room>>();
    expectTypeOf<{ event: "left"; id: undefined; data: { user: string; at: Date } }>().toExtend<
      EventIn<Room>
    >();
    expectTypeOf<NamedEvent<{ user: string; at: Date }, "left">>().toExtend<EventIn<Room>>();
    expectTypeOf<{ comment: string }>().toExtend<EventIn<Room>>();
    expectTypeOf<{ id: string; retry: number }>().toExtend<EventIn<Room>>();
    expectTypeOf<SilentEvent>().toExtend<EventIn<Room>>();
  });

  it("lets a message leave its name out, and no other event", () => {
    expectTypeOf<{ data: { text: string } }>().toExtend<EventIn<Room>>();
    expectTypeOf<{ event: "message"; data: { text: string } }>().toExtend<EventIn<Room>>();
    expectTypeOf<{ data: { user: string; at: Date } }>().not.toExtend<EventIn<Room>>();
    expectTypeOf<{ data: 1 }>().not.toExtend<EventIn<{ tick: 1 }>>();
  });

  it("lets a message be its data where a shorthand allows that", () => {
    expectTypeOf<string>().toExtend<EventIn<{ message: string }>>();
    expectTypeOf<number[]>().toExtend<EventIn<{ message: number[] | { n: number } }>>();
    expectTypeOf<string>().not.toExtend<EventIn<Room>>();
    expectTypeOf<string>().not.toExtend<EventIn<{ tick: string }>>();
  });

  it("refuses unknown names, wrong data, missing data and widened names", () => {
    expectTypeOf<{ event: "nope"; data: { text: string } }>().not.toExtend<EventIn<Room>>();
    expectTypeOf<{ event: "left"; data: { text: string } }>().not.toExtend<EventIn<Room>>();
    expectTypeOf<{ event: "left" }>().not.toExtend<EventIn<Room>>();
    expectTypeOf<{ event: "left"; data: undefined }>().not.toExtend<EventIn<Room>>();
    expectTypeOf<{ event: string; data: { user: string; at: Date } }>().not.toExtend<
      EventIn<Room>
    >();
  });

  it("is anything that can be yielded, for the default map", () => {
    expectTypeOf<EventIn<EventMap>>().toEqualTypeOf<SseYield>();
  });
});

describe("SseEvents", () => {
  it("checks the yields of an annotated generator, without widening their names", () => {
    async function* room(): SseEvents<Room> {
      yield { event: "left", data: { user: "a", at: new Date() }, id: maybeId };
      yield { data: { text: "hi" } };
      yield event("message", { text: "hi" });
      yield { comment: "quiet" };
      // @ts-expect-error: no such event
      yield { event: "joined", data: { user: "a" } };
      // @ts-expect-error: not its data
      yield { event: "left", data: { user: 1, at: new Date() } };
    }
    expectTypeOf<EventsOf<typeof room>>().toEqualTypeOf<{
      message: { text: string };
      left: { user: string; at: string };
    }>();
  });

  it("lets one generator pass another's events on by yield*", () => {
    async function* inner(): SseEvents<{ a: 1 }> {
      yield { event: "a", data: 1 };
    }
    async function* outer(): SseEvents<{ a: 1; b: 2 }> {
      yield* inner();
      yield { event: "b", data: 2 };
    }
    async function* free() {
      yield* inner();
      yield event("c", 3);
    }
    expectTypeOf<EventsOf<typeof outer>>().toEqualTypeOf<{ a: 1; b: 2 }>();
    expectTypeOf<EventsOf<typeof free>>().toEqualTypeOf<{ a: 1; c: number }>();
  });
});

describe("EventsOf", () => {
  it("reads a union of const literals", () => {
    async function* mixed(flag: boolean) {
      if (flag) yield { event: "a", data: { n: 1 } } as const;
      else yield { event: "b", data: { s: "x" }, id: "1" } as const;
    }
    expectTypeOf<EventsOf<typeof mixed>>().toEqualTypeOf<{ a: { n: 1 }; b: { s: "x" } }>();
  });

  it("joins the data of one name, and drops what tsc adds to the members of a union", () => {
    async function* joined() {
      yield event("a", { n: 1 });
      yield event("a", { s: "x" });
      yield { data: { left: 1 } };
      yield { data: { right: "x" } };
    }
    expectTypeOf<EventsOf<typeof joined>>().toEqualTypeOf<{
      a: { n: number } | { s: string };
      message: { left: number } | { right: string };
    }>();
  });

  it("reads yielded values, comments and events in one generator", () => {
    async function* mixed() {
      yield "text";
      yield 1;
      yield [true];
      yield { comment: "nothing to hear" };
      yield event("tick", { n: 1 });
    }
    expectTypeOf<EventsOf<typeof mixed>>().toEqualTypeOf<{
      message: "text" | 1 | boolean[];
      tick: { n: number };
    }>();
  });

  it("gives an index signature where a name was widened", () => {
    async function* wide() {
      yield { event: "tick", data: { n: 1 } };
    }
    expectTypeOf<EventsOf<typeof wide>>().toEqualTypeOf<{ [name: string]: { n: number } }>();
  });

  it("counts a name that may be missing as a message too", () => {
    type Maybe = () => AsyncIterable<SseEvent<{ n: number }, "tick">>;
    expectTypeOf<EventsOf<Maybe>>().toEqualTypeOf<{
      tick: { n: number };
      message: { n: number };
    }>();
    expectTypeOf<EventsOf<() => AsyncIterable<SseEvent>>>().toEqualTypeOf<EventMap>();
  });

  it("reads sync generators, iterables and promises of them", () => {
    function* sync() {
      yield event("a", 1);
    }
    expectTypeOf<EventsOf<typeof sync>>().toEqualTypeOf<{ a: number }>();
    expectTypeOf<EventsOf<() => NamedEvent<1, "a">[]>>().toEqualTypeOf<{ a: 1 }>();
    expectTypeOf<EventsOf<() => Promise<AsyncIterable<string>>>>().toEqualTypeOf<{
      message: string;
    }>();
    expectTypeOf<EventsOf<() => PromiseLike<Feed<{ a: 1 }>>>>().toEqualTypeOf<{ a: 1 }>();
  });

  it("reads the brand of a source before its shape", () => {
    const join = () => feed<Room>();
    expectTypeOf<EventsOf<typeof join>>().toEqualTypeOf<{
      message: { text: string };
      left: { user: string; at: string };
    }>();
    const bare = () => feed();
    expectTypeOf<EventsOf<typeof bare>>().toEqualTypeOf<EventMap>();
  });

  it("joins the events of a union of sources", () => {
    type Either = () => Feed<{ a: 1; c: 1 }> | Promise<SseEvents<{ b: 2; c: 2 }>>;
    expectTypeOf<EventsOf<Either>>().toEqualTypeOf<{ a: 1; b: 2; c: 1 | 2 }>();
    expectTypeOf<EventsOf<() => Feed<{ a: 1 } | { b: 2 }>>>().toEqualTypeOf<{ a: 1; b: 2 }>();
  });

  it("reads methods, with whatever parameters they have", () => {
    class Controller {
      async *post(body: { prompt: string }, signal?: AbortSignal): SseEvents<{ token: string }> {
        if (!signal?.aborted) yield { event: "token", data: body.prompt };
      }
    }
    expectTypeOf<EventsOf<Controller["post"]>>().toEqualTypeOf<{ token: string }>();
  });

  it("reads a ReadableStream", () => {
    expectTypeOf<EventsOf<() => ReadableStream<string>>>().toEqualTypeOf<{ message: string }>();
    expectTypeOf<EventsOf<() => ReadableStream<NamedEvent<1, "a">>>>().toEqualTypeOf<{ a: 1 }>();
  });

  it("reads observables, by the observer or the function that they take", () => {
    expectTypeOf<EventsOf<() => Observable<NamedEvent<1, "a">>>>().toEqualTypeOf<{ a: 1 }>();
    type ByObserver = {
      subscribe(observer: { next(value: string): void; error?(e: unknown): void }): unknown;
    };
    type ByFunction = { subscribe(next: (value: NamedEvent<1, "a">) => void): () => void };
    expectTypeOf<EventsOf<() => ByObserver>>().toEqualTypeOf<{ message: string }>();
    expectTypeOf<EventsOf<() => ByFunction>>().toEqualTypeOf<{ a: 1 }>();
  });

  it("knows nothing of any and unknown", () => {
    // oxlint-disable-next-line typescript/no-explicit-any
    type Any = any;
    expectTypeOf<EventsOf<() => Any>>().toEqualTypeOf<EventMap>();
    expectTypeOf<EventsOf<() => Promise<Any>>>().toEqualTypeOf<EventMap>();
    expectTypeOf<EventsOf<() => AsyncGenerator<Any>>>().toEqualTypeOf<EventMap>();
    expectTypeOf<EventsOf<() => unknown>>().toEqualTypeOf<EventMap>();
    expectTypeOf<OfSource<Any>>().toEqualTypeOf<EventMap>();
  });

  it("is never for what is no function, and empty for what is no source", () => {
    expectTypeOf<EventsOf<string>>().toBeNever();
    expectTypeOf<NamesOf<() => number>>().toBeNever();
    expectTypeOf<NamesOf<() => string>>().toBeNever();
    expectTypeOf<NamesOf<() => AsyncIterable<{ id: string }>>>().toBeNever();
  });

  it("leaves the server's types as they are in OfSource", () => {
    expectTypeOf<OfSource<SseEvents<Room>>>().toEqualTypeOf<Room>();
  });
});

describe("Jsonify", () => {
  it("keeps what JSON keeps", () => {
    type Plain = { a: string; b: 1 | null; c: boolean[]; d: { e: [number, string] }; f: unknown };
    expectTypeOf<Jsonify<Plain>>().toEqualTypeOf<Plain>();
    type Brand = string & { readonly brand: "id" };
    expectTypeOf<Jsonify<{ id: Brand }>>().toEqualTypeOf<{ id: Brand }>();
    expectTypeOf<Jsonify<Record<string, Date>>>().toEqualTypeOf<{ [x: string]: string }>();
  });

  it("takes the result of toJSON", () => {
    expectTypeOf<Jsonify<Date>>().toEqualTypeOf<string>();
    expectTypeOf<Jsonify<{ at: Date | null }>>().toEqualTypeOf<{ at: string | null }>();
    expectTypeOf<Jsonify<{ toJSON(): { at: Date } }>>().toEqualTypeOf<{ at: string }>();
  });

  it("drops members that are undefined, functions or symbols", () => {
    type Class = { n: number; gone: undefined; method(): void; [Symbol.iterator]: 1; s: symbol };
    expectTypeOf<Jsonify<Class>>().toEqualTypeOf<{ n: number }>();
    expectTypeOf<Jsonify<{ n?: never; s: string }>>().toEqualTypeOf<{ s: string }>();
  });

  it("makes members optional that may be undefined", () => {
    expectTypeOf<
      Jsonify<{ a: string | undefined; b?: number; c: Date | (() => void) }>
    >().toEqualTypeOf<{
      a?: string;
      b?: number;
      c?: string;
    }>();
  });

  it("writes null for the holes of an array", () => {
    expectTypeOf<Jsonify<(string | undefined)[]>>().toEqualTypeOf<(string | null)[]>();
    expectTypeOf<Jsonify<readonly [Date, () => void]>>().toEqualTypeOf<[string, null]>();
  });

  it("is never for a bigint, and empty for maps and sets", () => {
    expectTypeOf<Jsonify<bigint>>().toBeNever();
    expectTypeOf<Jsonify<Map<string, number>>>().toEqualTypeOf<Record<string, never>>();
    expectTypeOf<Jsonify<Set<string>>>().toEqualTypeOf<Record<string, never>>();
  });

  it("follows a recursive type", () => {
    type Tree = { at: Date; children: Tree[]; parent?: Tree };
    type Sent = Jsonify<Tree>;
    expectTypeOf<Sent["children"][number]["at"]>().toEqualTypeOf<string>();
    expectTypeOf<NonNullable<Sent["parent"]>["children"]>().toEqualTypeOf<Sent[]>();
  });
});
