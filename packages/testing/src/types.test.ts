import type { EventMap, EventsOf, Outcome, Reset, SseEvents } from "@sluice/core";
import { describe, expectTypeOf, it } from "vitest";
import { expectEvent, type EventOf, type SseTestClient, type testSse } from "./index.js";
import type { SluiceMatchers } from "./matchers.js";

type Events = { tick: { n: number; at: Date }; note: string; list: { id: number }[] };

declare class RoomsController {
  countdown(): SseEvents<Events>;
  anything(): AsyncGenerator;
}

// Type-checked and never called: a client needs a server.
const typed = (use: (client: SseTestClient<Events>) => unknown): unknown => use;

describe("testSse", () => {
  it("takes the events of a stream as a map, or of its handler", () => {
    type OfHandler = EventsOf<RoomsController["countdown"]>;
    expectTypeOf<ReturnType<typeof testSse<OfHandler>>>().resolves.toEqualTypeOf<
      SseTestClient<OfHandler>
    >();
    expectTypeOf<EventOf<OfHandler, "tick">["json"]>().toEqualTypeOf<{ n: number; at: string }>();
    expectTypeOf<EventOf<EventsOf<RoomsController["anything"]>>["json"]>().toBeUnknown();
  });

  it("knows nothing of a stream whose events it is not told", () => {
    expectTypeOf<ReturnType<typeof testSse>>().resolves.toEqualTypeOf<SseTestClient>();
    expectTypeOf<EventOf<EventMap>["event"]>().toEqualTypeOf<string>();
    expectTypeOf<EventOf<EventMap>["json"]>().toBeUnknown();
  });
});

describe("next", () => {
  it("gives what goes with a name, as JSON leaves it", () => {
    typed(async (client) => {
      const { event, json, data } = await client.next("tick");
      expectTypeOf(event).toEqualTypeOf<"tick">();
      expectTypeOf(json).toEqualTypeOf<{ n: number; at: string }>();
      expectTypeOf(data).toEqualTypeOf<string>();
      expectTypeOf((await client.next("note")).json).toEqualTypeOf<string>();
    });
    expectTypeOf<SseTestClient<Events>["next"]>().toBeFunction();
  });

  it("knows the events that Sluice sends itself", () => {
    typed(async (client) => {
      expectTypeOf((await client.next("sluice.end")).json.outcome).toEqualTypeOf<Outcome>();
      expectTypeOf((await client.next("sluice.reset")).json).toEqualTypeOf<Reset>();
    });
    expectTypeOf<EventOf<Events, "sluice.reset">["json"]>().toEqualTypeOf<Reset>();
  });

  it("refuses a name that the stream does not have", () => {
    typed(async (client) => {
      // @ts-expect-error there is no "tock"
      await client.next("tock");
      // @ts-expect-error a position is passed over
      await client.next("sluice.position");
    });
    expectTypeOf<SseTestClient<Events>["next"]>().toBeFunction();
  });

  it("without a name gives an event that its name tells apart", () => {
    typed(async (client) => {
      const event = await client.next();
      if (event.event === "note") expectTypeOf(event.json).toEqualTypeOf<string>();
      if (event.event === "tick") expectTypeOf(event.json.n).toEqualTypeOf<number>();
      for await (const each of client) expectTypeOf(each).toEqualTypeOf<typeof event>();
      expectTypeOf(await client.rest()).toEqualTypeOf<(typeof event)[]>();
    });
    expectTypeOf<EventOf<Events>["event"]>().toEqualTypeOf<
      "tick" | "note" | "list" | "sluice.end" | "sluice.reset"
    >();
  });
});

describe("expectEvent", () => {
  it("gives the type of what it finds", () => {
    typed(async (client) => {
      expectTypeOf(await expectEvent(client, "tick")).toEqualTypeOf<EventOf<Events, "tick">>();
      const found = await expectEvent(client, { event: "tick", json: { n: 1 } });
      expectTypeOf(found).toEqualTypeOf<EventOf<Events, "tick">>();
      expectTypeOf(await expectEvent(client, { id: "1" })).toEqualTypeOf<EventOf<Events>>();
      await expectEvent(client, { event: "list", json: [{ id: 1 }] });
      await expectEvent(client, { event: "tick", json: { at: { asymmetricMatch: () => true } } });
      await expectEvent(client, { event: "note", json: "x" }, { timeout: 10 });
    });
    expectTypeOf(expectEvent).toBeFunction();
  });

  it("refuses what the stream can't send", () => {
    typed(async (client) => {
      // @ts-expect-error there is no "tock"
      await expectEvent(client, "tock");
      // @ts-expect-error there is no "tock"
      await expectEvent(client, { event: "tock" });
      // @ts-expect-error n is a number
      await expectEvent(client, { event: "tick", json: { n: "1" } });
      // @ts-expect-error a tick has no m
      await expectEvent(client, { event: "tick", json: { m: 1 } });
      // @ts-expect-error a note is a string
      await expectEvent(client, { event: "note", json: { n: 1 } });
      // @ts-expect-error data is text
      await expectEvent(client, { event: "note", data: 1 });
      // @ts-expect-error an event has no such member
      await expectEvent(client, { name: "note" });
    });
    expectTypeOf(expectEvent)
      .parameter(2)
      .toEqualTypeOf<{ readonly timeout?: number } | undefined>();
  });
});

it("`toBeEvent` takes what the received event may be", () => {
  type Expected<T> = Parameters<SluiceMatchers<void, T>["toBeEvent"]>[0];
  type OfTick = Expected<EventOf<Events, "tick">>;
  expectTypeOf<"tick">().toExtend<OfTick>();
  expectTypeOf<{ event: "tick"; json: { n: 1 } }>().toExtend<OfTick>();
  expectTypeOf<"note">().not.toExtend<OfTick>();
  expectTypeOf<{ json: { n: "1" } }>().not.toExtend<OfTick>();
  expectTypeOf<"anything">().toExtend<Expected<EventOf<EventMap>>>();
  expectTypeOf<{ event: "note"; json: "x" }>().toExtend<Expected<EventOf<Events>>>();
  expectTypeOf<{ event: "note"; json: { n: 1 } }>().not.toExtend<Expected<EventOf<Events>>>();
});
