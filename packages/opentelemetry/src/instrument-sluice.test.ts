import { hasSubscribers } from "node:diagnostics_channel";
import { metrics, trace } from "@opentelemetry/api";
import { testSse } from "@sluice/testing";
import { expect, it, onTestFinished } from "vitest";
import { serve } from "../test/streams.js";
import { expectValue, instrument, Metrics, Spans } from "../test/telemetry.js";
import { instrumentSluice } from "./index.js";

const CHANNELS = [
  "connection:opened",
  "connection:first-event",
  "connection:sent",
  "connection:drained",
  "connection:dropped",
  "connection:replayed",
  "connection:reset",
  "connection:refused",
  "connection:closed",
  "producer:stuck",
  "producer:stopping",
  "producer:stopped",
  "run:started",
  "run:ended",
] as const;

const listenedTo = (): readonly string[] =>
  CHANNELS.filter((name) => hasSubscribers(`sluice:${name}`));

it("Q5: metrics listen to what they need, and to nothing after disposal", () => {
  const instrumentation = instrument({ meterProvider: new Metrics().provider, spans: false });
  expect(listenedTo()).toEqual(
    CHANNELS.filter((name) => name !== "producer:stopping" && name !== "producer:stopped"),
  );
  instrumentation.dispose();
  expect(listenedTo()).toEqual([]);
});

it("Q5: spans listen to nothing that is published with every write, and to nothing after disposal", () => {
  {
    using instrumentation = instrumentSluice({
      tracerProvider: new Spans().provider,
      metrics: false,
    });
    expect(instrumentation.dispose).toBeTypeOf("function");
    expect(listenedTo()).toEqual([
      "connection:opened",
      "connection:first-event",
      "connection:dropped",
      "connection:replayed",
      "connection:reset",
      "connection:closed",
      "run:started",
      "run:ended",
    ]);
  }
  expect(listenedTo()).toEqual([]);
});

it("Q5: with neither metrics nor spans nothing is listened to", () => {
  instrument({ metrics: false, spans: false });
  expect(listenedTo()).toEqual([]);
});

it("Q5: two that record into the same provider count everything once, until both are disposed of", async () => {
  const recorded = new Metrics();
  const spans = new Spans();
  const options = { meterProvider: recorded.provider, tracerProvider: spans.provider };
  const first = instrument(options);
  const second = instrument(options);
  const one = await serve();
  const two = await serve();
  const attributes = { "sluice.route": "Streams.count" };
  await (await testSse(one.app, "/streams/count")).rest();
  await spans.one();
  await expectValue(recorded, "sluice.server.sent_events", 2, attributes);

  first.dispose();
  // Again: that is not the other's.
  first.dispose();
  await (await testSse(two.app, "/streams/count")).rest();
  await expectValue(recorded, "sluice.server.sent_events", 4, attributes);
  await expectValue(recorded, "sluice.server.active_connections", 0, attributes);
  second.dispose();
  expect(listenedTo()).toEqual([]);
  await (await testSse(two.app, "/streams/count")).rest();
  expect(spans.ended).toHaveLength(2);
});

it("Q5: one that is made after the last was disposed of records again", async () => {
  const spans = new Spans();
  const options = { tracerProvider: spans.provider, metrics: false };
  instrument(options).dispose();
  instrument(options);
  const { app } = await serve();
  await (await testSse(app, "/streams/count")).rest();
  await expect(spans.one()).resolves.toMatchObject({ ended: true });
});

it("Q5: two that record into different providers don't disturb each other", async () => {
  const [one, two] = [new Spans(), new Spans()];
  const first = instrument({ tracerProvider: one.provider, metrics: false });
  instrument({ tracerProvider: two.provider, metrics: false });
  const { app } = await serve();
  await (await testSse(app, "/streams/count")).rest();
  await one.one();
  first.dispose();
  await (await testSse(app, "/streams/fails")).rest();
  await two.provider.forceFlush();
  expect(two.ended).toHaveLength(2);
  expect(one.ended).toHaveLength(1);
});

it("Q5: without a provider the global ones are recorded into", async () => {
  const recorded = new Metrics();
  const spans = new Spans();
  metrics.setGlobalMeterProvider(recorded.provider);
  trace.setGlobalTracerProvider(spans.provider);
  onTestFinished(() => {
    metrics.disable();
    trace.disable();
  });
  instrument({});
  const { app } = await serve();
  await (await testSse(app, "/streams/count")).rest();
  await spans.one();
  await expectValue(recorded, "sluice.server.sent_events", 2, { "sluice.route": "Streams.count" });
});
