import type { EventsOf, SseEvents } from "@sluice/protocol";
import { expect, expectTypeOf, it } from "vitest";
import { Channels } from "./channels.js";

type News = { headline: { title: string } };

class NewsController {
  readonly channels = new Channels();

  async *annotated(): SseEvents<News> {
    yield { event: "headline", data: { title: "first" } };
    yield* this.channels.get<News>("news").subscribe();
  }

  async *wider(): SseEvents<{ headline: { title: string }; a: 1; b: 2 }> {
    yield* this.annotated();
    yield* this.channels.get<News>("news").subscribe();
  }

  async *wrong(): SseEvents<{ other: number }> {
    // @ts-expect-error: these are events of another channel
    yield* this.channels.get<News>("news").subscribe();
  }
}

it("types: an annotated generator may pass a subscription's frames on, and those of its own events only", async () => {
  expectTypeOf<EventsOf<NewsController["annotated"]>>().toEqualTypeOf<News>();
  expectTypeOf<EventsOf<NewsController["wider"]>>().toEqualTypeOf<{
    headline: { title: string };
    a: 1;
    b: 2;
  }>();
  const controller = new NewsController();
  const first = await controller.annotated().next();
  expect(first.value).toEqual({ event: "headline", data: { title: "first" } });
  await controller.channels.dispose();
});
