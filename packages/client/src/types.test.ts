import { Channels, Controller, event, Sse, type SseEvents } from "@sluice/core";
import { type } from "arktype";
import * as v from "valibot";
import { describe, expectTypeOf, it } from "vitest";
import { z } from "zod";
import type { RoomsController } from "../test/fixtures/rooms-controller.js";
import {
  type ConnectOptions,
  connect as reallyConnect,
  type EventMap,
  type EventsOf,
  json,
  type ReceivedEvent,
  type SseClient,
  type TextEvents,
  text,
} from "./index.js";

type Room = EventsOf<RoomsController["join"]>;
type Countdown = EventsOf<RoomsController["countdown"]>;

/** What types alone are asked of is never run. */
const connect = ((): never => {
  throw new Error("only its type is used");
}) as unknown as typeof reallyConnect;
const typesOnly = (_body: () => unknown): void => {};

describe("the events of a client", () => {
  it("are those of the server's method, as JSON leaves them", () => {
    expectTypeOf<Room>().toEqualTypeOf<{
      said: { user: string; text: string; at: string };
      left: { user: string };
      topic: string;
    }>();
    expectTypeOf<Countdown>().toEqualTypeOf<{ tick: { n: number }; lift: { off: true } }>();
  });

  it("are told apart by their name", () => {
    typesOnly(async () => {
      for await (const event of connect<Room>("/", { parse: { topic: text } })) {
        if (event.event === "said") {
          expectTypeOf(event.data).toEqualTypeOf<Room["said"]>();
        } else if (event.event === "left") {
          expectTypeOf(event.data).toEqualTypeOf<Room["left"]>();
        } else {
          expectTypeOf(event.event).toEqualTypeOf<"topic">();
          expectTypeOf(event.data).toBeString();
        }
        expectTypeOf(event.id).toEqualTypeOf<string | undefined>();
        // @ts-expect-error a room has no such event
        if (event.event === "sad") return;
      }
    });
    expectTypeOf<ReceivedEvent<Countdown>>().toEqualTypeOf<
      | { readonly event: "tick"; readonly data: { n: number }; readonly id: string | undefined }
      | { readonly event: "lift"; readonly data: { off: true }; readonly id: string | undefined }
    >();
  });

  it("can all be dealt with, which the compiler sees", () => {
    const describeEvent = (event: ReceivedEvent<Countdown>): number => {
      switch (event.event) {
        case "tick":
          return event.data.n;
        case "lift":
          return event.data.off ? 0 : 1;
      }
    };
    expectTypeOf(describeEvent).returns.toBeNumber();
  });

  it("are heard by name with their data, and by no name or field that they do not have", () => {
    typesOnly(() => {
      const room = connect<Room>("/", { parse: { topic: text } });
      room.on("said", (data, event) => {
        expectTypeOf(data).toEqualTypeOf<Room["said"]>();
        expectTypeOf(event.event).toEqualTypeOf<"said">();
        expectTypeOf(event.data).toEqualTypeOf<Room["said"]>();
        // @ts-expect-error it is called `text`
        void data.txt;
        // @ts-expect-error a date comes as a string
        data.at.getTime();
      });
      room.on((event) => expectTypeOf(event).toEqualTypeOf<ReceivedEvent<Room>>());
      expectTypeOf(room.on("topic", () => {})).toEqualTypeOf<() => void>();
      // @ts-expect-error a room has no such event
      room.on("sad", () => {});
      // @ts-expect-error nor has it a `message`
      room.on("message", () => {});
      // @ts-expect-error what is left has a user
      room.on("left", (data: { name: string }) => data);
    });
  });

  it("are refused on the server by the map that they are told by", () => {
    type Ticks = { tick: { n: number } };

    @Controller("ticks")
    class TicksController {
      constructor(private readonly channels: Channels) {}

      @Sse("right")
      async *right(): SseEvents<Ticks> {
        yield { event: "tick", data: { n: 1 } };
      }

      @Sse("wrong-name")
      async *wrongName(): SseEvents<Ticks> {
        // @ts-expect-error no such event
        yield { event: "tock", data: { n: 1 } };
      }

      @Sse("wrong-field")
      async *wrongField(): SseEvents<Ticks> {
        // @ts-expect-error no such field
        yield { event: "tick", data: { m: 1 } };
      }

      @Sse("inferred")
      *inferred() {
        yield event("tick", { n: 1 });
      }

      publish(): void {
        const channel = this.channels.get<Ticks>("ticks");
        void channel.publish({ event: "tick", data: { n: 1 } });
        // @ts-expect-error no such event
        void channel.publish({ event: "tock", data: { n: 1 } });
        // @ts-expect-error no such field
        void channel.publish({ event: "tick", data: { m: 1 } });
      }
    }

    expectTypeOf<EventsOf<TicksController["right"]>>().toEqualTypeOf<Ticks>();
    expectTypeOf<EventsOf<TicksController["inferred"]>>().toEqualTypeOf<Ticks>();
    typesOnly(() => {
      connect<EventsOf<TicksController["right"]>>("/").on("tick", ({ n }) => n.toFixed());
      // @ts-expect-error no such event
      connect<EventsOf<TicksController["right"]>>("/").on("tock", () => {});
      // @ts-expect-error no such field
      connect<EventsOf<TicksController["right"]>>("/").on("tick", ({ m }) => m);
    });
  });
});

describe("a client that was told nothing of its events", () => {
  it("has any name, and data that is unknown", () => {
    typesOnly(async () => {
      const client = connect("/");
      expectTypeOf(client).toEqualTypeOf<SseClient>();
      client.on("anything", (data) => expectTypeOf(data).toBeUnknown());
      for await (const { event, data } of client) {
        expectTypeOf(event).toBeString();
        expectTypeOf(data).toBeUnknown();
      }
      connect("/", { parse: { any: text, thing: (data) => data.length } });
    });
  });
});

describe("the option `parse`", () => {
  it("is wanted for each event whose data is a string, and for no other", () => {
    expectTypeOf<TextEvents<Room>>().toEqualTypeOf<"topic">();
    expectTypeOf<TextEvents<Countdown>>().toBeNever();
    expectTypeOf<TextEvents<EventMap>>().toBeNever();
    typesOnly(() => {
      // @ts-expect-error a topic may be "42"
      connect<Room>("/");
      // @ts-expect-error a topic may be "42"
      connect<Room>("/", {});
      // @ts-expect-error a topic may be "42"
      connect<Room>("/", { parse: { left: () => ({ user: "" }) } });
      connect<Room>("/", { parse: { topic: text } });
      connect<Countdown>("/");
      connect<Countdown>(new URL("http://localhost/"), {});
    });
  });

  it("is wanted for strings of a kind too, and for literals", () => {
    expectTypeOf<TextEvents<{ a: "x" | "y"; b: `n${number}`; c: string | number }>>().toEqualTypeOf<
      "a" | "b"
    >();
    expectTypeOf<TextEvents<{ a: never; b: unknown; c: string[] }>>().toBeNever();
  });

  it("takes functions that give the event's data, at once or later", () => {
    typesOnly(() => {
      const client = connect<Countdown>("/", { parse: { tick: (data) => ({ n: Number(data) }) } });
      expectTypeOf(client).toEqualTypeOf<SseClient<Countdown>>();
      connect<Countdown>("/", { parse: { tick: async (data) => ({ n: Number(data) }) } });
      // @ts-expect-error no such event
      connect<Countdown>("/", { parse: { tock: text } });
      // @ts-expect-error a tick is no text
      connect<Countdown>("/", { parse: { tick: text } });
      // @ts-expect-error it is called `n`
      connect<Countdown>("/", { parse: { tick: (data) => ({ m: Number(data) }) } });
    });
  });

  it("takes schemas that give the event's data, and no others", () => {
    const right = [
      z.object({ n: z.number() }),
      v.object({ n: v.number() }),
      type({ n: "number" }),
    ] as const;
    typesOnly(() => {
      connect<Countdown>("/", { parse: { tick: json(right[0]) } });
      connect<Countdown>("/", { parse: { tick: json(right[1]) } });
      connect<Countdown>("/", { parse: { tick: json(right[2]) } });
      connect<{ at: Date }>("/", { parse: { at: json(z.coerce.date()) } });
      // @ts-expect-error a tick has a number
      connect<Countdown>("/", { parse: { tick: json(z.object({ n: z.string() })) } });
      // @ts-expect-error a tick has a number
      connect<Countdown>("/", { parse: { tick: json(v.object({ n: v.string() })) } });
      // @ts-expect-error a tick has a number
      connect<Countdown>("/", { parse: { tick: json(type({ m: "number" })) } });
    });
    expectTypeOf(json(z.object({ n: z.coerce.number() }))).returns.toEqualTypeOf<
      { n: number } | Promise<{ n: number }>
    >();
  });
});

describe("the options", () => {
  it("are what fetch takes, but for what the client says itself", () => {
    expectTypeOf<ConnectOptions["credentials"]>().toEqualTypeOf<RequestInit["credentials"]>();
    typesOnly(() => {
      connect("/", { credentials: "include", mode: "cors", headers: () => ({ a: "b" }) });
      connect("/", { headers: async () => [["a", "b"]] });
      connect("/", { body: { any: ["thing"] } });
      connect("/", { body: new FormData() });
      // @ts-expect-error a stream can't be sent twice
      connect("/", { body: new ReadableStream() });
      // @ts-expect-error a stream is never cached
      connect("/", { cache: "default" });
      // @ts-expect-error it is in milliseconds
      connect("/", { silenceTimeout: "10s" });
      connect("/", { silenceTimeout: false, reconnect: { maxAttempts: 3 } });
    });
  });

  it("have callbacks that know the client's events", () => {
    typesOnly(() => {
      connect<Countdown>("/", {
        onReset: (reset, client) => {
          expectTypeOf(reset.channels).toEqualTypeOf<readonly string[]>();
          expectTypeOf(client).toEqualTypeOf<SseClient<Countdown>>();
        },
        onStateChange: (state, client) => {
          expectTypeOf(state).toEqualTypeOf<"connecting" | "open" | "waiting" | "closed">();
          expectTypeOf(client).toEqualTypeOf<SseClient<Countdown>>();
        },
      });
    });
  });
});
