import type { EventMap, EventsOf, OfSource, Outcome } from "@sluice/protocol";
import { describe, expect, expectTypeOf, it } from "vitest";
import type { Context } from "../pipeline/context.js";
import { Frame } from "../frame.js";
import type { SseSource } from "../source.js";
import type { Channel } from "./channel.js";
import { Channels } from "./channels.js";
import type { Merged } from "./merged.js";
import type { Published } from "./publication.js";
import type { Subscription } from "./subscription.js";

type Room = { message: { text: string }; left: { user: string; at: Date } };
type Ticks = { tick: { n: number } };
type Text = { message: string };

const channels = new Channels();
const room = channels.get<Room>("room");
const ticks = channels.get<Ticks>("ticks");

/** Handlers as an application writes them. */
const handlers = {
  channel: () => room,
  promised: async () => room,
  subscription: () => room.subscribe({ last: 3 }),
  merged: () => channels.merge(room, ticks),
  mergedSubscription: () => channels.merge(room, ticks).subscribe(),
  either: (flag: boolean) => (flag ? room : ticks),
  generated: async function* () {
    yield* room.subscribe();
  },
  more: async function* () {
    yield { event: "hello", data: 1 } as const;
    yield* ticks.subscribe();
  },
  any: () => channels.get("any"),
};

type RoomReceived = { message: { text: string }; left: { user: string; at: string } };

describe("types: the events that clients of a channel receive", () => {
  it("are those of a channel, or a subscription, as JSON leaves them", () => {
    expectTypeOf<EventsOf<typeof handlers.channel>>().toEqualTypeOf<RoomReceived>();
    expectTypeOf<EventsOf<typeof handlers.promised>>().toEqualTypeOf<RoomReceived>();
    expectTypeOf<EventsOf<typeof handlers.subscription>>().toEqualTypeOf<RoomReceived>();
    expectTypeOf<EventsOf<typeof handlers.any>>().toEqualTypeOf<EventMap>();
    expect(room.name).toBe("room");
  });

  it("H7: are those of all channels of a merge", () => {
    type Both = RoomReceived & Ticks;
    expectTypeOf<EventsOf<typeof handlers.merged>>().branded.toEqualTypeOf<Both>();
    expectTypeOf<EventsOf<typeof handlers.mergedSubscription>>().branded.toEqualTypeOf<Both>();
    expectTypeOf<EventsOf<typeof handlers.either>>().branded.toEqualTypeOf<Both>();
    expect(channels.merge(room, ticks).channels).toEqual(["room", "ticks"]);
  });

  it("are those of a generator that yields a subscription's frames", () => {
    expectTypeOf<EventsOf<typeof handlers.generated>>().toEqualTypeOf<RoomReceived>();
    expectTypeOf<EventsOf<typeof handlers.more>>().branded.toEqualTypeOf<{
      hello: 1;
      tick: { n: number };
    }>();
    expect(ticks.name).toBe("ticks");
  });
});

describe("types: channels, subscriptions and merges", () => {
  it("are sources", () => {
    expectTypeOf<Channel<Room>>().toExtend<SseSource>();
    expectTypeOf<Subscription<Room>>().toExtend<SseSource>();
    expectTypeOf<Merged<Room>>().toExtend<SseSource>();
    expectTypeOf<OfSource<Channel<Room>>>().toEqualTypeOf<Room>();
    expect(channels.active).toBe(0);
  });

  it("give frames of their events when they are iterated", () => {
    expectTypeOf(room.subscribe()[Symbol.asyncIterator]().next).returns.resolves.toEqualTypeOf<
      IteratorResult<Frame<Room>, Outcome | undefined>
    >();
    expect(room.subscribers).toBe(0);
  });
});

describe("types: what is published", () => {
  it("is an event of the channel, or a frame of one", async () => {
    expectTypeOf(room.publish({ data: { text: "hi" } })).resolves.toEqualTypeOf<Published>();
    await room.publish({ event: "left", data: { user: "a", at: new Date() } });
    await room.publish(Frame.of<Pick<Room, "message">>({ data: { text: "hi" } }));
    await channels.get<Text>("text").publish("alone");
    expect((await channels.get("any").publish({ event: "any", data: 1 })).local).toBe(0);
  });

  it("has no other name, no other data, and no silence", async () => {
    const refused: Promise<unknown>[] = [
      // @ts-expect-error: not an event of the channel
      ticks.publish({ event: "tock", data: { n: 1 } }),
      // @ts-expect-error: not its data
      ticks.publish({ event: "tick", data: { n: "1" } }),
      // @ts-expect-error: without a name it is a message
      ticks.publish({ data: { n: 1 } }),
      // @ts-expect-error: not a shorthand of this channel
      ticks.publish("tick"),
      // @ts-expect-error: a frame of another channel's events
      ticks.publish(Frame.of<Text>("tick")),
      // @ts-expect-error: nobody would see it
      ticks.publish({ comment: "hi" }),
      // @ts-expect-error: nobody would see it
      ticks.publish({ retry: 1 }),
    ];
    const results = await Promise.allSettled(refused);
    // What is no legal event is refused when it runs, too.
    expect(results.slice(-2).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });
});

describe("types: what brings a client up to date", () => {
  it("gives an event of the channel, or none, now or later", () => {
    const made = [
      channels.get<Ticks>("ticks", { snapshot: () => ({ event: "tick", data: { n: 1 } }) }),
      channels.get<Ticks>("ticks", { onResync: async () => ({ event: "tick", data: { n: 1 } }) }),
      channels.get<Ticks>("ticks", { snapshot: () => undefined }),
    ];
    made[0]!.subscribe({
      snapshot: (ctx, position) => {
        expectTypeOf(ctx).toEqualTypeOf<Context | undefined>();
        expectTypeOf(position).toEqualTypeOf<string>();
        return { event: "tick", data: { n: 1 } };
      },
      filter: (event) => {
        expectTypeOf(event.event).toEqualTypeOf<"tick">();
        expectTypeOf(event.data).toEqualTypeOf<{ n: number }>();
        expectTypeOf(event.id).toEqualTypeOf<string>();
        return true;
      },
    });
    expect(made).toHaveLength(3);
  });

  it("gives no other event", () => {
    const made = [
      // @ts-expect-error: not an event of the channel
      channels.get<Ticks>("ticks", { snapshot: () => ({ event: "tock", data: { n: 1 } }) }),
      // @ts-expect-error: not its data
      channels.get<Ticks>("ticks", { onResync: () => ({ event: "tick", data: { n: "1" } }) }),
      // @ts-expect-error: not its data
      ticks.subscribe({ snapshot: async () => ({ event: "tick", data: 1 }) }),
      // @ts-expect-error: without a name it is a message
      ticks.subscribe({ onResync: () => ({ data: { n: 1 } }) }),
      // @ts-expect-error: of neither of its channels
      channels.merge(room, ticks).subscribe({ snapshot: () => ({ event: "tock", data: 1 }) }),
    ];
    expect(made).toHaveLength(5);
  });

  it("H7: may be an event of any of a merge's channels", () => {
    const merged = channels.merge(room, ticks).subscribe({
      snapshot: () => ({ event: "tick", data: { n: 1 } }),
      onResync: () => ({ data: { text: "again" } }),
    });
    expectTypeOf(merged).toExtend<Subscription<Room & Ticks>>();
    expect(merged).toBeDefined();
  });
});

describe("types: a merge", () => {
  it("takes channels only", () => {
    expect(() => {
      // @ts-expect-error: a subscription has options of its own
      channels.merge(room.subscribe());
    }).toThrow("merge takes channels");
  });
});
