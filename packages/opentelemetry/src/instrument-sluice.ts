import { type MeterProvider, metrics, trace, type TracerProvider } from "@opentelemetry/api";
import { recordConnectionMetrics } from "./connection-metrics.js";
import { recordConnectionSpans } from "./connection-spans.js";
import { recordRunMetrics } from "./run-metrics.js";
import { recordRunSpans } from "./run-spans.js";
import { Shared } from "./shared.js";

/** What is recorded, and where. */
export interface InstrumentationOptions {
  /** Whether metrics are recorded. @defaultValue `true` */
  readonly metrics?: boolean;
  /** Whether each connection, and each run, has a span, from its start to its end. @defaultValue `true` */
  readonly spans?: boolean;
  /** @defaultValue the global one, as it is when `instrumentSluice` is called */
  readonly meterProvider?: MeterProvider;
  /** @defaultValue the global one */
  readonly tracerProvider?: TracerProvider;
}

/** Recording that goes on until it is disposed of. */
export interface SluiceInstrumentation extends Disposable {
  /**
   * Ends it: nothing is listened to any more, and spans of connections that are still open, and
   * of runs that go on, end without a reason and a state. Called again, it does nothing.
   */
  dispose(): void;
}

const meters = new Shared<MeterProvider>(both(recordConnectionMetrics, recordRunMetrics));
const tracers = new Shared<TracerProvider>(both(recordConnectionSpans, recordRunSpans));

/**
 * Records metrics and spans of all streams and runs of this process, from now on, whichever applications and
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

/** Starts two things, and ends both. */
function both<Provider>(
  one: (provider: Provider) => () => void,
  other: (provider: Provider) => () => void,
): (provider: Provider) => () => void {
  return (provider) => {
    const stops = [one(provider), other(provider)];
    return () => {
      for (const stop of stops) stop();
    };
  };
}
