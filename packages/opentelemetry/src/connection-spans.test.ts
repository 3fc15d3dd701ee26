import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { AlwaysOffSampler } from "@opentelemetry/sdk-trace-base";
import { testSse } from "@sluice/testing";
import { expect, it } from "vitest";
import { instrumentHttp } from "../test/http.js";
import { serve } from "../test/streams.js";
import { instrument, recordSpans, Spans } from "../test/telemetry.js";
import { MAX_EVENTS_OF_A_KIND } from "./connection-spans.js";

it.each(["count", "open", "channel"])(
  "Q5: the span of a connection is a child of its request's span: %s",
  async (path) => {
    const spans = recordSpans();
    const { app } = await serve({}, instrumentHttp(spans));
    const others = await testSse(app, "/streams/open");
    const client = await testSse(app, `/streams/${path}`);
    await client.disconnect();
    const span = await spans.one();
    const parent = await spans.one("GET");
    expect(span.parentSpanContext?.spanId).toBe(parent.spanContext().spanId);
    expect(span.spanContext().traceId).toBe(parent.spanContext().traceId);
    await others.disconnect();
  },
);

it("Q5: the span is a child of its request's span when hooks work on the head, too", async () => {
  const spans = recordSpans();
  const { app } = await serve({}, instrumentHttp(spans));
  app.addHook("onSend", async () => {
    await new Promise((resolve) => setImmediate(resolve));
  });
  await (await testSse(app, "/streams/count")).rest();
  const span = await spans.one();
  const parent = await spans.one("GET");
  expect(span.parentSpanContext?.spanId).toBe(parent.spanContext().spanId);
});

it("Q5: a span lasts from the opening to the close, and has the totals of its connection", async () => {
  const spans = recordSpans();
  const { app } = await serve();
  const began = Date.now();
  const client = await testSse(app, "/streams/count");
  await client.rest();
  const span = await spans.one();
  const { "sluice.connection.time_to_first_event": firstEvent, ...attributes } = span.attributes;
  expect(attributes).toEqual({
    "sluice.route": "Streams.count",
    "sluice.close.reason": "complete",
    "sluice.connection.sent_events": 2,
    "sluice.connection.sent_bytes": expect.any(Number),
    "sluice.connection.dropped_events": 0,
    "sluice.connection.replayed_events": 0,
    "sluice.connection.resets": 0,
  });
  expect(attributes["sluice.connection.sent_bytes"]).toBeGreaterThan(client.raw.length);
  expect(firstEvent).toBeGreaterThan(0);
  expect(firstEvent).toBeLessThan((Date.now() + 1 - began) / 1_000);
  expect(span.name).toBe("stream Streams.count");
  expect(span.kind).toBe(SpanKind.INTERNAL);
  expect(span.status).toEqual({ code: SpanStatusCode.UNSET });
  expect(span.events).toMatchObject([{ name: "sluice.first_event" }]);
  expect(span.startTime[0]).toBeGreaterThanOrEqual(Math.floor(began / 1_000));
  expect(span.ended).toBe(true);
});

it("Q5: a stream that failed has the status error, and one that the client left has not", async () => {
  const failing = recordSpans();
  const { app } = await serve();
  await (await testSse(app, "/streams/fails")).rest();
  const failed = await failing.one();
  expect(failed.status).toEqual({ code: SpanStatusCode.ERROR });
  expect(failed.attributes).toMatchObject({
    "sluice.close.reason": "error",
    "error.type": "_OTHER",
  });

  const leaving = recordSpans();
  await (await testSse(app, "/streams/open")).disconnect();
  const left = await leaving.one();
  expect(left.status).toEqual({ code: SpanStatusCode.UNSET });
  expect(left.attributes).toMatchObject({ "sluice.close.reason": "client" });
  expect(left.attributes).not.toHaveProperty("error.type");
  expect(left.attributes).not.toHaveProperty("sluice.connection.time_to_first_event");
});

it("Q5: a span has an event for each replay, reset and drop, with how many there were", async () => {
  const replays = recordSpans();
  const { app, channels } = await serve();
  const channel = channels.get<{ tick: number }>("ticks");
  const { id } = await channel.publish({ event: "tick", data: 0 });
  for (let n = 1; n <= 3; n++) await channel.publish({ event: "tick", data: n });
  const client = await testSse(app, "/streams/channel", { lastEventId: id });
  await client.take(3);
  await client.disconnect();
  const replayed = await replays.one();
  expect(replayed.attributes).toMatchObject({ "sluice.connection.replayed_events": 3 });
  expect(replayed.events).toContainEqual(
    expect.objectContaining({ name: "sluice.replayed", attributes: { "sluice.count": 3 } }),
  );

  const resets = recordSpans();
  const stranger = await testSse(app, "/streams/channel", { lastEventId: "unknown" });
  await stranger.next();
  await stranger.disconnect();
  const reset = await resets.one();
  expect(reset.attributes).toMatchObject({ "sluice.connection.resets": 1 });
  expect(reset.events).toContainEqual(
    expect.objectContaining({ name: "sluice.reset", attributes: { "sluice.count": 1 } }),
  );
});

it("Q5: a client that is always slow does not push the other events out of its span", async () => {
  const spans = recordSpans();
  const { app } = await serve();
  const client = await testSse(app, "/streams/drops-often");
  await client.rest();
  const span = await spans.one();
  expect(span.attributes["sluice.connection.dropped_events"]).toBeGreaterThan(100);
  const names = span.events.map(({ name }) => name);
  expect(names[0]).toBe("sluice.first_event");
  expect(names.filter((name) => name === "sluice.dropped")).toHaveLength(MAX_EVENTS_OF_A_KIND);
  expect(span.droppedEventsCount).toBe(0);
});

it("Q5: a span that is not sampled is not recorded", async () => {
  const spans = recordSpans(new AlwaysOffSampler());
  const sampled = recordSpans();
  const { app } = await serve();
  await (await testSse(app, "/streams/count")).rest();
  await sampled.one();
  expect(spans.ended).toEqual([]);
});

it("Q5: spans of connections that are open when the recording ends, end without a reason", async () => {
  const spans = new Spans();
  const instrumentation = instrument({ tracerProvider: spans.provider, metrics: false });
  const { app } = await serve();
  const client = await testSse(app, "/streams/open");
  instrumentation.dispose();
  const span = await spans.one();
  expect(span.attributes).toEqual({ "sluice.route": "Streams.open" });
  await client.disconnect();
  await app.close();
  expect(spans.ended).toHaveLength(1);
});

it("Q5: a connection that was open before has no span", async () => {
  const { app } = await serve();
  const before = await testSse(app, "/streams/open");
  const spans = recordSpans();
  await before.disconnect();
  await (await testSse(app, "/streams/count")).rest();
  expect((await spans.one()).attributes).toMatchObject({ "sluice.route": "Streams.count" });
});
