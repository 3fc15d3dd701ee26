import { diag, DiagLogLevel } from "@opentelemetry/api";
import {
  AggregationTemporality,
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  type Sampler,
  SimpleSpanProcessor,
  type SpanExporter,
  type SpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { testSse } from "@sluice/testing";
import { expect, it, type Mock, onTestFinished, vi } from "vitest";
import { serve } from "../test/streams.js";
import { instrument, Spans } from "../test/telemetry.js";

const FAULT = new Error("The collector is on fire.");
const FAILED = 1;

function fail(): never {
  throw FAULT;
}

/** What OpenTelemetry's own log says until the test is over. A fault that nobody catches fails the run. */
function watchLog(): Mock {
  const logged = vi.fn();
  const ignore = (): void => {};
  const logger = { error: logged, warn: ignore, info: ignore, debug: ignore, verbose: ignore };
  diag.setLogger(logger, { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true });
  onTestFinished(() => diag.disable());
  return logged;
}

/** The SDK logs a fault as text with more around it, and this package as it is. */
function expectTold(logged: Mock): void {
  expect(logged.mock.calls.flat().map(String).join()).toContain(FAULT.message);
}

const quiet = async (): Promise<void> => {};
const idle: SpanProcessor = {
  onStart() {},
  onEnd() {},
  forceFlush: quiet,
  shutdown: quiet,
};
const exporterOf = (send: SpanExporter["export"]): SpanProcessor =>
  new SimpleSpanProcessor({ export: send, shutdown: quiet });
const failingSampler: Sampler = { shouldSample: fail, toString: () => "failing" };

it.each<[string, ConstructorParameters<typeof BasicTracerProvider>[0]]>([
  [
    "an exporter reports an error",
    { spanProcessors: [exporterOf((_, done) => done({ code: FAILED, error: FAULT }))] },
  ],
  ["an exporter throws", { spanProcessors: [exporterOf(fail)] }],
  ["a span processor throws when a span starts", { spanProcessors: [{ ...idle, onStart: fail }] }],
  ["a span processor throws when a span ends", { spanProcessors: [{ ...idle, onEnd: fail }] }],
  ["a sampler throws", { sampler: failingSampler }],
])("Q5: streams go on, and other providers get their spans, when %s", async (_, config) => {
  const logged = watchLog();
  const healthy = new Spans();
  instrument({ tracerProvider: new BasicTracerProvider(config), metrics: false });
  instrument({ tracerProvider: healthy.provider, metrics: false });
  const { app } = await serve();
  const client = await testSse(app, "/streams/count");
  expect((await client.rest()).map(({ data }) => data).slice(0, 2)).toEqual(["1", "2"]);
  expect(client.isComplete).toBe(true);
  await healthy.one();
  await expect(testSse(app, "/streams/count")).resolves.toMatchObject({ status: 200 });
  expectTold(logged);
});

it("Q5: what a span processor throws is logged, and every other span still ends at disposal", async () => {
  const logged = watchLog();
  const ended: string[] = [];
  const onEnd: SpanProcessor["onEnd"] = (span) => {
    ended.push(String(span.attributes["sluice.route"]));
    fail();
  };
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [{ ...idle, onEnd }] });
  const instrumentation = instrument({ tracerProvider, metrics: false });
  const { app } = await serve();
  await testSse(app, "/streams/open");
  await testSse(app, "/streams/channel");
  instrumentation.dispose();
  expect(ended).toEqual(["Streams.open", "Streams.channel"]);
  expect(logged).toHaveBeenCalledTimes(2);
  expect(logged).toHaveBeenCalledWith(
    "@sluice/opentelemetry: what was told of a stream or a run could not be recorded.",
    FAULT,
  );
});

it.each<[string, PushMetricExporter["export"]]>([
  ["reports an error", (_, done) => done({ code: FAILED, error: FAULT })],
  ["throws", fail],
])("Q5: streams go on when an exporter of metrics %s", async (_, send) => {
  const logged = watchLog();
  const exporter: PushMetricExporter = {
    export: send,
    forceFlush: quiet,
    shutdown: quiet,
    selectAggregationTemporality: () => AggregationTemporality.DELTA,
  };
  const meterProvider = new MeterProvider({
    readers: [new PeriodicExportingMetricReader({ exporter })],
  });
  onTestFinished(() => meterProvider.shutdown());
  instrument({ meterProvider, spans: false });
  const { app } = await serve();
  const client = await testSse(app, "/streams/count");
  await meterProvider.forceFlush();
  await client.rest();
  expect(client.isComplete).toBe(true);
  expectTold(logged);
});
