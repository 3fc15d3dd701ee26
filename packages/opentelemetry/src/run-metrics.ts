import type { Meter, MeterProvider, ObservableCallback } from "@opentelemetry/api";
import { ActiveRuns } from "./active-runs.js";
import { ATTRIBUTES, ERROR_TYPE, isFailure, METRICS, SCOPE } from "./conventions.js";
import { at, optionsOf } from "./instruments.js";
import { listen } from "./listen.js";

/**
 * Records metrics of runs from now on.
 *
 * @returns what ends it
 */
export function recordRunMetrics(provider: MeterProvider): () => void {
  const meter = provider.getMeter(SCOPE.name, SCOPE.version);
  const runs = new ActiveRuns();
  const stopObserving = observe(meter, runs);
  const { runDuration, runEvents } = METRICS;
  const durations = meter.createHistogram(runDuration.name, optionsOf(runDuration));
  const counts = meter.createHistogram(runEvents.name, optionsOf(runEvents));
  const stopListening = listen({
    "sluice:run:started": (message) => runs.started(message),
    "sluice:run:ended": (message) => {
      runs.ended(message);
      const { route, state, duration, events } = message;
      const failure = isFailure(state) ? { [ATTRIBUTES.error]: ERROR_TYPE } : {};
      const attributes = { ...at(route), [ATTRIBUTES.runState]: state, ...failure };
      durations.record(duration / 1_000, attributes);
      counts.record(events, at(route));
    },
  });
  return () => {
    stopListening();
    stopObserving();
  };
}

/**
 * What goes on is read when a reader collects: a counter that is told of it would keep what it had when
 * the recording ends, and so be wrong for ever if it begins again.
 */
function observe(meter: Meter, runs: ActiveRuns): () => void {
  const { activeRuns } = METRICS;
  const active = meter.createObservableUpDownCounter(activeRuns.name, optionsOf(activeRuns));
  const callback: ObservableCallback = (result) => {
    for (const [route, count] of runs) result.observe(count, at(route));
  };
  active.addCallback(callback);
  return () => active.removeCallback(callback);
}
