import { Controller, type SseEvents } from "@sluice/core";
import { describe, expect, expectTypeOf, it } from "vitest";
import {
  type EventsOf,
  json,
  type ReceivedEvent,
  SseClientError,
  text,
  useSse,
  type UseSseOptions,
  type UseSseResult,
} from "./index.js";

type Room = { said: { who: string; at: Date }; left: { who: string } };

@Controller("rooms")
class RoomsController {
  async *join(): SseEvents<Room> {
    yield { event: "left", data: { who: "Ann" } };
  }
}
type Events = EventsOf<RoomsController["join"]>;
type Said = { who: string; at: string };

// Hooks are called by components alone: these are there for the compiler.
describe("the result", () => {
  it("has the data of any event, as JSON leaves it", () => {
    const useIt = (): void => {
      const result = useSse<Events>("/rooms/tea");
      expectTypeOf(result.data).toEqualTypeOf<Said | { who: string } | undefined>();
      expectTypeOf(result.events).toEqualTypeOf<readonly ReceivedEvent<Events>[]>();
      expectTypeOf(result.state).toEqualTypeOf<
        "idle" | "connecting" | "open" | "waiting" | "closed"
      >();
      expectTypeOf(result.error).toEqualTypeOf<SseClientError | undefined>();
      expectTypeOf(result.retryAt).toEqualTypeOf<number | undefined>();
      expectTypeOf(result.close).toEqualTypeOf<() => void>();
    };
    expect(useIt).toBeTypeOf("function");
  });

  it("tells the data of an event by its name", () => {
    const useIt = (): void => {
      for (const { event, data } of useSse<Events>("/rooms/tea").events) {
        if (event === "said") expectTypeOf(data).toEqualTypeOf<Said>();
        // @ts-expect-error: there is no such event
        if (event === "sayed") void data;
        // @ts-expect-error: not every event has it
        void data.at;
      }
    };
    expect(useIt).toBeTypeOf("function");
  });

  it("has unknown data where no events are named", () => {
    const useIt = (): void => {
      expectTypeOf(useSse("/feed")).toEqualTypeOf<UseSseResult>();
      expectTypeOf(useSse("/feed").data).toBeUnknown();
    };
    expect(useIt).toBeTypeOf("function");
  });

  it("has what a reducer makes of the events", () => {
    const useIt = (): void => {
      const { data } = useSse<Events, readonly Said[]>("/rooms/tea", {
        initialValue: [],
        reducer: (all, { event, data }) => (event === "said" ? [...all, data] : all),
      });
      expectTypeOf(data).toEqualTypeOf<readonly Said[]>();
      expectTypeOf(
        useSse("/feed", { initialValue: 0, reducer: (count: number) => count + 1 }).data,
      ).toEqualTypeOf<number>();
    };
    expect(useIt).toBeTypeOf("function");
  });
});

describe("the options", () => {
  it("hold handlers by the events' names", () => {
    const useIt = (): void => {
      useSse<Events>("/rooms/tea", {
        on: {
          said: (data, event) => {
            expectTypeOf(data).toEqualTypeOf<Said>();
            expectTypeOf(event.event).toEqualTypeOf<"said">();
            // @ts-expect-error: there is no such field
            void data.whom;
          },
          // @ts-expect-error: there is no such event
          sayed: () => {},
        },
        onEvent: (event) => expectTypeOf(event).toEqualTypeOf<ReceivedEvent<Events>>(),
      });
    };
    expect(useIt).toBeTypeOf("function");
  });

  it("refuse a reducer without what it begins with, and one of other data", () => {
    const useIt = (): void => {
      // @ts-expect-error: where it begins is not said
      useSse<Events, number>("/rooms/tea", { reducer: (count) => count + 1 });
      useSse<Events, number>("/rooms/tea", {
        initialValue: 0,
        // @ts-expect-error: a string is no number
        reducer: (count) => `${count}`,
      });
      // @ts-expect-error: what it makes has to be named
      useSse<Events>("/rooms/tea", { initialValue: 0, reducer: () => 1 });
    };
    expect(useIt).toBeTypeOf("function");
  });

  it("take from a reset what the data is", () => {
    const useIt = (): void => {
      const initialValue = 0;
      const reducer = (count: number): number => count + 1;
      useSse<Events, number>("/", { initialValue, reducer, onReset: async () => 7 });
      useSse<Events, number>("/", { initialValue, reducer, onReset: ({ reason }) => void reason });
      // @ts-expect-error: a string is no number
      useSse<Events, number>("/", { initialValue, reducer, onReset: () => "7" });
    };
    expect(useIt).toBeTypeOf("function");
  });

  it("need `parse` for the events whose data is a string, as `connect` does", () => {
    type Answer = { token: string; usage: { tokens: number } };
    const useIt = (): void => {
      useSse<Answer>("/answer", { parse: { token: text } });
      useSse<Answer>("/answer", { parse: { token: text, usage: (data) => ({ tokens: +data }) } });
      // @ts-expect-error: how is `token` read?
      useSse<Answer>("/answer");
      // @ts-expect-error: how is `token` read?
      useSse<Answer>("/answer", {});
      // @ts-expect-error: how is `token` read?
      useSse<Answer, string>("/answer", { initialValue: "", reducer: (all) => all });
      // @ts-expect-error: text is no usage
      useSse<Answer>("/answer", { parse: { token: text, usage: text } });
    };
    expect(useIt).toBeTypeOf("function");
    expectTypeOf(json).toBeFunction();
  });

  it("are those of the client, without what the hook does itself", () => {
    expectTypeOf<UseSseOptions<Events>>().toHaveProperty("pauseWhenHidden");
    expectTypeOf<UseSseOptions<Events>>().toHaveProperty("share");
    expectTypeOf<UseSseOptions<Events>>().not.toHaveProperty("signal");
    expectTypeOf<UseSseOptions<Events>>().not.toHaveProperty("onStateChange");
    const useIt = (): void => {
      // @ts-expect-error: leaving the component closes the stream
      useSse<Events>("/rooms/tea", { signal: AbortSignal.timeout(1) });
      // @ts-expect-error: no URL is null
      useSse<Events>(false);
    };
    expect(useIt).toBeTypeOf("function");
  });
});
