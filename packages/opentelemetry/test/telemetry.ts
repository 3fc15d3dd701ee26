import { isDeepStrictEqual } from "node:util";
import type { Attributes } from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { expect, onTestFinished, vi } from "vitest";
import { type InstrumentationOptions, instrumentSluice } from "../src/index.js";

/** A data point, as far as tests look at it: a histogram's value has `count` and `sum`. */
export interface Point {
  readonly attributes: Attributes;
  readonly value: number | { readonly count: number; readonly sum?: number | undefined };
}

/** The real SDK for metrics, with an exporter in memory. */
export class Metrics {
  readonly #exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  readonly provider = new MeterProvider({
    readers: [new PeriodicExportingMetricReader({ exporter: this.#exporter })],
  });

  constructor() {
    onTestFinished(() => this.provider.shutdown());
  }

  /** All metrics, as they are now. */
  async collect(): Promise<readonly MetricData[]> {
    this.#exporter.reset();
    await this.provider.forceFlush();
    return this.#exporter
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics));
  }

  /** The points of a metric; none when it has not been recorded. */
  async points(name: string): Promise<readonly Point[]> {
    const found = (await this.collect()).find(({ descriptor }) => descriptor.name === name);
    return found?.dataPoints ?? [];
  }
}

/** Waits until a metric has a value. */
export async function expectValue(
  metrics: Metrics,
  name: string,
  value: number,
  attributes: Attributes,
): Promise<void> {
  const point = expect.objectContaining({ attributes, value });
  await vi.waitFor(async () => expect(await metrics.points(name)).toContainEqual(point));
}

/** Waits until a histogram has so many values, and resolves with their sum. */
export async function expectHistogram(
  metrics: Metrics,
  name: string,
  count: number,
  attributes: Attributes,
): Promise<number> {
  return vi.waitFor(async () => {
    const points = await metrics.points(name);
    const point = points.find((each) => isDeepStrictEqual(each.attributes, attributes));
    expect(point?.value).toMatchObject({ count });
    return (point!.value as { sum: number }).sum;
  });
}

/** The real SDK for spans, with an exporter in memory. */
export class Spans {
  readonly #exporter = new InMemorySpanExporter();
  readonly provider: BasicTracerProvider;

  constructor(sampler?: Sampler) {
    this.provider = new BasicTracerProvider({
      spanProcessors: [new SimpleSpanProcessor(this.#exporter)],
      ...(sampler && { sampler }),
    });
    onTestFinished(() => this.provider.shutdown());
  }

  /** Those that have ended. */
  get ended(): readonly ReadableSpan[] {
    return this.#exporter.getFinishedSpans();
  }

  /** Those of connections, of runs, or of requests, in the order in which they ended. */
  of(kind: "stream" | "run" | "GET" | "POST"): readonly ReadableSpan[] {
    return this.ended.filter(({ name }) => name.startsWith(`${kind} `));
  }

  /** The one span of a kind, once it has ended. */
  async one(kind: Parameters<Spans["of"]>[0] = "stream"): Promise<ReadableSpan> {
    return vi.waitFor(() => {
      const spans = this.of(kind);
      expect(spans).toHaveLength(1);
      return spans[0]!;
    });
  }
}

/** Instruments until the test is over. */
export function instrument(options: InstrumentationOptions): ReturnType<typeof instrumentSluice> {
  const instrumentation = instrumentSluice(options);
  onTestFinished(() => instrumentation.dispose());
  return instrumentation;
}

/** Metrics of all streams and runs, until the test is over. */
export function recordMetrics(): Metrics {
  const metrics = new Metrics();
  instrument({ meterProvider: metrics.provider, spans: false });
  return metrics;
}

/** Spans of all streams and runs, until the test is over. */
export function recordSpans(sampler?: Sampler): Spans {
  const spans = new Spans(sampler);
  instrument({ tracerProvider: spans.provider, metrics: false });
  return spans;
}
