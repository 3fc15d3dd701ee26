import type { BatchObservableCallback, Meter, MeterProvider, Observable } from "@opentelemetry/api";
import { ATTRIBUTES, ERROR_TYPE, METRICS, type MetricDescription, SCOPE } from "./conventions.js";
import { at, optionsOf } from "./instruments.js";
import { type Listeners, listen } from "./listen.js";
import type { Closed } from "./messages.js";
import { TrafficTotals } from "./traffic-totals.js";

/**
 * Records metrics of connections from now on.
 *
 * @returns what ends it
 */
export function recordConnectionMetrics(provider: MeterProvider): () => void {
  const meter = provider.getMeter(SCOPE.name, SCOPE.version);
  const totals = new TrafficTotals();
  const stopObserving = observe(meter, totals);
  const stopListening = listen({
    "sluice:connection:opened": (message) => totals.opened(message),
    "sluice:connection:sent": (message) => totals.sent(message),
    ...recorders(meter, (message) => totals.closed(message)),
  });
  return () => {
    stopListening();
    stopObserving();
  };
}

/** What is recorded when it happens. */
function recorders(meter: Meter, closed: (message: Closed) => void): Listeners {
  const histogram = (metric: MetricDescription) =>
    meter.createHistogram(metric.name, optionsOf(metric));
  const counter = (metric: MetricDescription) =>
    meter.createCounter(metric.name, optionsOf(metric));
  const duration = histogram(METRICS.duration);
  const firstEvent = histogram(METRICS.firstEvent);
  const replay = histogram(METRICS.replay);
  const lag = histogram(METRICS.lag);
  const dropped = counter(METRICS.dropped);
  const replayed = counter(METRICS.replayed);
  const resets = counter(METRICS.resets);
  const refused = counter(METRICS.refused);
  const stuck = counter(METRICS.stuck);
  return {
    "sluice:connection:first-event": ({ route, elapsed }) =>
      firstEvent.record(elapsed / 1_000, at(route)),
    "sluice:connection:drained": ({ route, elapsed }) => lag.record(elapsed / 1_000, at(route)),
    "sluice:connection:dropped": ({ route, count }) => dropped.add(count, at(route)),
    "sluice:connection:replayed": ({ route, count }) => replayed.add(count, at(route)),
    "sluice:connection:reset": ({ route, count }) => resets.add(count, at(route)),
    "sluice:connection:refused": ({ route, limit }) =>
      refused.add(1, { ...at(route), [ATTRIBUTES.limit]: limit }),
    "sluice:connection:closed": (message) => {
      closed(message);
      const { route, reason } = message;
      const failure = reason === "error" ? { [ATTRIBUTES.error]: ERROR_TYPE } : {};
      const attributes = { ...at(route), [ATTRIBUTES.reason]: reason, ...failure };
      duration.record(message.duration / 1_000, attributes);
      if (message.replayed > 0) replay.record(message.replayed, at(route));
    },
    "sluice:producer:stuck": ({ route }) => stuck.add(1, at(route)),
  };
}

/** What is read from the totals when a reader collects. */
function observe(meter: Meter, totals: TrafficTotals): () => void {
  const active = meter.createObservableUpDownCounter(
    METRICS.active.name,
    optionsOf(METRICS.active),
  );
  const events = meter.createObservableCounter(
    METRICS.sentEvents.name,
    optionsOf(METRICS.sentEvents),
  );
  const bytes = meter.createObservableCounter(METRICS.sentBytes.name, optionsOf(METRICS.sentBytes));
  const callback: BatchObservableCallback = (result) => {
    for (const [route, total] of totals) {
      result.observe(active, total.active, at(route));
      result.observe(events, total.events, at(route));
      result.observe(bytes, total.bytes, { ...at(route), [ATTRIBUTES.direction]: "transmit" });
    }
  };
  const observed: Observable[] = [active, events, bytes];
  meter.addBatchObservableCallback(callback, observed);
  return () => meter.removeBatchObservableCallback(callback, observed);
}
