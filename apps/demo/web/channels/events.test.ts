import type { EventsOf, SseClient } from "@sluice/client";
import { describe, expectTypeOf, test } from "vitest";
import type { AnswersController } from "../../server/examples/answers.controller.js";
import type { DashboardController } from "../../server/examples/dashboard.controller.js";
import type { DashboardEvents } from "./dashboard.js";
import type { InboxEvents } from "./inbox.js";
import type { RoomEvents } from "./room.js";

interface Message {
  name: string;
  text: string;
  at: number;
}

interface Presence {
  name: string;
  here: string[];
  at: number;
}

// Checked by the compiler, once with the controllers' sources and once with their declarations.
describe("what the page knows of the server's events", () => {
  test("is what the controllers' types say", () => {
    expectTypeOf<RoomEvents>().toEqualTypeOf<{
      message: Message;
      came: Presence;
      left: Presence;
      room: { here: string[]; recent: Message[]; at: number };
    }>();
    expectTypeOf<InboxEvents>().toEqualTypeOf<{
      note: { title: string; from: string; to: string; at: number };
      summary: { sent: { [to: string]: number }; at: number; node?: string };
    }>();
    expectTypeOf<keyof DashboardEvents>().toEqualTypeOf<"reading">();
    expectTypeOf<DashboardEvents["reading"]["connections"]>().toEqualTypeOf<number>();
    expectTypeOf<EventsOf<DashboardController["watch"]>>().toEqualTypeOf<DashboardEvents>();
    expectTypeOf<EventsOf<AnswersController["answer"]>>().toEqualTypeOf<{
      token: { word: string };
    }>();
  });

  test("refuses a name that no controller has, and data that it does not send", () => {
    const listen = (room: SseClient<RoomEvents>) => {
      room.on("message", ({ text }) => expectTypeOf(text).toEqualTypeOf<string>());
      // @ts-expect-error: there is no such event
      room.on("massage", () => {});
      // @ts-expect-error: a message has a text, and no title
      room.on("message", ({ title }) => title);
      room.on((event) => {
        if (event.event === "came") expectTypeOf(event.data).toEqualTypeOf<Presence>();
      });
    };
    expectTypeOf(listen).parameter(0).toEqualTypeOf<SseClient<RoomEvents>>();
  });
});
