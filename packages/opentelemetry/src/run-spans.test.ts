import { context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { AlwaysOffSampler } from "@opentelemetry/sdk-trace-base";
import { expect, it, vi } from "vitest";
import { keepLog, makeApp } from "../../fastify/test/app.js";
import { serveWords } from "../../fastify/test/runs.js";
import { instrumentHttp } from "../test/http.js";
import { instrument, Metrics, recordSpans, Spans } from "../test/telemetry.js";

it("Q5: a run has a span from its start to its end, with what it has published", async () => {
  const spans = recordSpans();
  const stage = await serveWords();
  const began = Date.now();
  const clients = [await stage.post("a"), await stage.get("a")];
  const part = await stage.part();
  part.say("one", "two");
  part.end();
  for (const client of clients) await client.rest();
  const span = await spans.one("run");
  expect(span.name).toBe("run WordsController.words");
  expect(span.kind).toBe(SpanKind.INTERNAL);
  expect(span.attributes).toEqual({
    "sluice.route": "WordsController.words",
    "sluice.run.state": "done",
    "sluice.run.events": 2,
    "sluice.run.bytes": 2 * 'event: word\ndata: {"text":"one"}\n\n'.length,
  });
  expect(span.status).toEqual({ code: SpanStatusCode.UNSET });
  expect(span.events).toEqual([]);
  expect(span.parentSpanContext).toBeUndefined();
  expect(span.startTime[0]).toBeGreaterThanOrEqual(Math.floor(began / 1_000));
  await vi.waitFor(() => expect(spans.of("stream")).toHaveLength(2));
});

it("Q5: a run's span is a child of the request that started it, and goes on when that is over", async () => {
  const spans = recordSpans();
  const tracer = spans.provider.getTracer("model");
  const work = (): void => tracer.startSpan("work", {}, context.active()).end();
  const stage = await serveWords({ app: makeApp(instrumentHttp(spans)), begin: work });
  const starter = await stage.post("a");
  await starter.disconnect();
  const request = await spans.one("POST");
  const follower = await stage.get("a");
  expect(spans.of("run")).toEqual([]);
  (await stage.part()).end();
  await follower.rest();

  const span = await spans.one("run");
  expect(span.parentSpanContext?.spanId).toBe(request.spanContext().spanId);
  expect(span.spanContext().traceId).toBe(request.spanContext().traceId);
  // Why it is no trace of its own: what the handler does belongs to that of the request.
  const done = spans.ended.find(({ name }) => name === "work")!;
  expect(done.parentSpanContext?.spanId).toBe(request.spanContext().spanId);
  const other = await spans.one("GET");
  expect(other.spanContext().traceId).not.toBe(span.spanContext().traceId);
});

it("Q5: the status is an error where the run failed, and nowhere else", async () => {
  const spans = recordSpans();
  const stage = await serveWords();
  const failing = await stage.post("a");
  const part = await stage.part();
  part.say("one");
  await failing.next();
  part.fail();
  await failing.rest();
  await stage.post("b");
  await stage.runs.cancel("b");
  await stage.post("c");
  await stage.app.close();
  const [failed, ...others] = spans.of("run");
  expect(failed!.status).toEqual({ code: SpanStatusCode.ERROR });
  expect(failed!.attributes).toMatchObject({
    "sluice.run.state": "failed",
    "error.type": "_OTHER",
  });
  expect(others.map(({ attributes }) => attributes["sluice.run.state"])).toEqual([
    "cancelled",
    "lost",
  ]);
  for (const { status, attributes } of others) {
    expect(status).toEqual({ code: SpanStatusCode.UNSET });
    expect(attributes).not.toHaveProperty("error.type");
  }
});

it("Q5: the log line of a run that failed, which has its key, is written in its span's trace", async () => {
  const spans = recordSpans();
  const { logger, entries } = keepLog();
  const mixin = () => ({ trace: trace.getActiveSpan()?.spanContext().traceId });
  const app = makeApp({ ...instrumentHttp(spans), logger: { ...logger, mixin } });
  const stage = await serveWords({ app });
  const client = await stage.post("a");
  const part = await stage.part();
  part.say("one");
  await client.next();
  await client.disconnect();
  await spans.one("POST");
  part.fail();
  const { traceId } = (await spans.one("run")).spanContext();
  expect(entries.find(({ level }) => level === 50)).toMatchObject({ run: "a", trace: traceId });
});

it("Q5: each attempt of a key has a span", async () => {
  const spans = recordSpans();
  const stage = await serveWords({ run: { restart: "on-error" } });
  const first = await stage.post("a");
  const part = await stage.part();
  part.say("one");
  await first.next();
  part.fail();
  await first.rest();
  const again = await stage.post("a");
  (await stage.part(2)).end();
  await again.rest();
  await vi.waitFor(() =>
    expect(spans.of("run").map(({ attributes }) => attributes["sluice.run.state"])).toEqual([
      "failed",
      "done",
    ]),
  );
});

it("Q5: neither a run's key nor its principal is in a span or in a metric", async () => {
  const metrics = new Metrics();
  const spans = new Spans();
  instrument({ meterProvider: metrics.provider, tracerProvider: spans.provider });
  const stage = await serveWords({ plugin: { principal: () => "alice" } });
  const client = await stage.post("letter-to-bob");
  (await stage.part()).end();
  await client.rest();
  await spans.one("run");
  await spans.one("stream");
  const told = [
    ...spans.ended.map(({ name, attributes, events, links }) => [name, attributes, events, links]),
    ...(await metrics.collect()).map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints]),
  ];
  const text = JSON.stringify(told);
  expect(text).toContain("sluice.run.state");
  expect(text).toContain("sluice.server.run.duration");
  expect(text).not.toContain("letter-to-bob");
  expect(text).not.toContain("alice");
});

it("Q5: spans of runs that go on when the recording ends, end without a state", async () => {
  const spans = new Spans();
  const instrumentation = instrument({ tracerProvider: spans.provider, metrics: false });
  const stage = await serveWords();
  await stage.post("a");
  instrumentation.dispose();
  const span = await spans.one("run");
  expect(span.attributes).toEqual({ "sluice.route": "WordsController.words" });
  await stage.app.close();
  expect(spans.of("run")).toHaveLength(1);
});

it("Q5: a run that had started before has no span, and neither has one that is not sampled", async () => {
  const stage = await serveWords();
  await stage.post("before");
  const sampled = recordSpans();
  const unsampled = recordSpans(new AlwaysOffSampler());
  await stage.runs.cancel("before");
  const client = await stage.post("after");
  (await stage.part(2)).end();
  await client.rest();
  expect((await sampled.one("run")).attributes).toMatchObject({ "sluice.run.state": "done" });
  expect(unsampled.ended).toEqual([]);
});
