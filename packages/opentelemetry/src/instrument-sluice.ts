import { type MeterProvider, metrics, trace, type TracerProvider } from "@opentelemetry/api";
import { recordMetrics } from "./metrics.js";
import { Shared } from "./shared.js";
import { recordSpans } from "./spans.js";

/** What is recorded, and where. */
export interface InstrumentationOptions {
  /** Whether metrics are recorded. @defaultValue `true` */
  readonly metrics?: boolean;
  /** Whether each connection has a span, from its opening to its close. @defaultValue `true` */
  readonly spans?: boolean;
  /** @defaultValue the global one, as it is when `instrumentSluice` is called */
  readonly meterProvider?: MeterProvider;
  /** @defaultValue the global one */
  readonly tracerProvider?: TracerProvider;
}

/** Recording that goes on until it is disposed of. */
export interface SluiceInstrumentation extends Disposable {
  /**
   * Ends it: nothing is listened to any more, and spans of connections that are still open end,
   * without a reason. Called again, it does nothing.
   */
  dispose(): void;
}

const meters = new Shared<MeterProvider>(recordMetrics);
const tracers = new Shared<TracerProvider>(recordSpans);

/**
 * Records metrics and spans of all streams of this process, from now on, whichever applications and
 * plugins they belong to. Several that record into the same provider count everything once, and the
 * last one that is disposed of ends it.
 */
export function instrumentSluice(options: InstrumentationOptions = {}): SluiceInstrumentation {
  const stops: (() => void)[] = [];
  if (options.metrics !== false)
    stops.push(meters.use(options.meterProvider ?? metrics.getMeterProvider()));
  if (options.spans !== false)
    stops.push(tracers.use(options.tracerProvider ?? trace.getTracerProvider()));
  const dispose = (): void => {
    for (const stop of stops) stop();
  };
  return { dispose, [Symbol.dispose]: dispose };
}
