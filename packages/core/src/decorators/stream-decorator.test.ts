import type { Readable } from "node:stream";
import { type EventsOf, event, type SseEvents } from "@sluice/protocol";
import { NEVER, type Observable, of } from "rxjs";
import { expect, expectTypeOf, it } from "vitest";
import {
  Controller,
  Frame,
  LastEventId,
  mapEvents,
  Sse,
  type SseSource,
  SseStream,
} from "../index.js";
import { compileOne } from "../../test/run.js";

it("lets @Sse stand on methods that return a source of any kind, or a promise of one", () => {
  @Controller()
  class Sources {
    @Sse("1") async *exact(): SseEvents<{ tick: { n: number } }> {
      yield { event: "tick", data: { n: 1 } };
    }
    @Sse("2") async *mixed(@LastEventId() last?: string) {
      yield event("tick", 1);
      yield { event: "tick", id: String(last), data: { n: 1 } };
      yield { comment: "still here" };
      yield { retry: 1 };
      yield [1];
      yield null;
      yield Frame.of("shared");
    }
    @Sse("3") *sync() {
      yield 1;
      yield* ["a", "b"];
    }
    @Sse("4") list() {
      return [{ data: 1 }];
    }
    @Sse("5") stream() {
      return new SseStream<{ tick: number }>();
    }
    @Sse("6") async later(flag = true) {
      return flag ? new SseStream() : mapEvents([1], ({ data }) => event("tick", data));
    }
    @Sse("7") observable(): Observable<{ data: number }> {
      return of({ data: 1 });
    }
    @Sse("8") web(): ReadableStream<string> {
      return new ReadableStream();
    }
    @Sse("9") node(): Readable {
      throw new Error("not called");
    }
    @Sse("10") general(): SseSource | Promise<SseSource> {
      return NEVER;
    }
    @Sse("11") async *nothing() {}
    @Sse("12") never(): never {
      throw new Error("not called");
    }
    @Sse("13") any(): any {
      return [1];
    }
    @Sse("14") async *unknown() {
      yield JSON.parse("1") as unknown;
    }
    @Sse("15") async *bare(): AsyncGenerator {
      yield 1;
    }
    @Sse("16") async anyLater(): Promise<any> {
      return [1];
    }
    @Sse("17") protected hidden() {
      return ["a"];
    }
  }
  expect(compileOne(Sources).routes).toHaveLength(17);
  expectTypeOf<EventsOf<Sources["exact"]>>().toEqualTypeOf<{ tick: { n: number } }>();
});

it("takes a method of a generic class whose data has the class's type", () => {
  abstract class Feed<T> {
    abstract items(): T[];
    @Sse() async *feed() {
      for (const data of this.items()) yield { event: "item", data };
    }
  }
  @Controller()
  class Names extends Feed<string> {
    items() {
      return ["Ann"];
    }
  }
  expect(compileOne(Names).routes).toHaveLength(1);
});

it("refuses by type a method that returns no source, or yields what is no event", () => {
  @Controller()
  class Mistakes {
    // @ts-expect-error a text is no source, though it can be iterated
    @Sse("1") text() {
      return "text";
    }
    // @ts-expect-error nor is an object
    @Sse("2") object() {
      return { count: 1 };
    }
    // @ts-expect-error nor nothing
    @Sse("3") nothing() {}
    // @ts-expect-error nor a promise of one of them
    @Sse("4") async later() {
      return "text";
    }
    // @ts-expect-error nor a source on one of two ways only
    @Sse("5") async sometimes(flag = true) {
      return flag ? new SseStream() : undefined;
    }
    // @ts-expect-error nor what is not known
    @Sse("6") unknown(): unknown {
      return 1;
    }
    // @ts-expect-error an object without an event's fields is no event
    @Sse("7") async *record() {
      yield { count: 1 };
    }
    // @ts-expect-error undefined is no data
    @Sse("8") async *empty() {
      yield undefined;
    }
    // @ts-expect-error an id is a text
    @Sse("9") async *number() {
      yield { id: 7, data: 1 };
    }
    // @ts-expect-error nor is a symbol
    @Sse("10") *symbol() {
      yield Symbol("s");
    }
    // @ts-expect-error an observable of what is no event
    @Sse("11") observable(): Observable<{ count: number }> {
      return NEVER;
    }
  }
  // What a type can't stop is refused when it is served.
  expect(compileOne(Mistakes).routes).toHaveLength(11);
});
