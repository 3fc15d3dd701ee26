/** The instrumentation scope of all metrics and spans. */
export const SCOPE = { name: "@sluice/opentelemetry", version: "0.1.0" } as const;

/** The attributes of metrics and spans. */
export const ATTRIBUTES = {
  /** The handler, as `Class.method`. */
  route: "sluice.route",
  /** Why a connection closed. */
  reason: "sluice.close.reason",
  /** Which limit a connection was refused for. */
  limit: "sluice.limit",
  /** In which state a run ended. */
  runState: "sluice.run.state",
  runEvents: "sluice.run.events",
  runBytes: "sluice.run.bytes",
  /** Set where the source of a stream, or a run, failed (semantic conventions, "Recording errors"). */
  error: "error.type",
  direction: "network.io.direction",
  firstEvent: "sluice.connection.time_to_first_event",
  events: "sluice.connection.sent_events",
  bytes: "sluice.connection.sent_bytes",
  dropped: "sluice.connection.dropped_events",
  replayed: "sluice.connection.replayed_events",
  resets: "sluice.connection.resets",
  /** How many events, or resets, an event of a span stands for. */
  count: "sluice.count",
} as const;

/** The events of a span. */
export const SPAN_EVENTS = {
  firstEvent: "sluice.first_event",
  dropped: "sluice.dropped",
  replayed: "sluice.replayed",
  reset: "sluice.reset",
} as const;

/** The value of {@link ATTRIBUTES.error}: which error it was is in the log. */
export const ERROR_TYPE = "_OTHER";

/** Whether a run that has ended so threw. */
export function isFailure(state: string): boolean {
  return state === "failed" || state === "refused";
}

/** In seconds. From a request that is answered at once to a stream of a day. */
const DURATIONS = [
  0.1, 1, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400,
];
/** In seconds: those of `http.server.request.duration`, and more for streams that are silent at first. */
const LATENCIES = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60,
];
const COUNTS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];
/** From a run that failed before its first event to one that has as many as it may, unless told otherwise. */
const RUN_COUNTS = [0, ...COUNTS, 20_000, 50_000, 100_000];

/** How a metric is described. */
export interface MetricDescription {
  readonly name: string;
  readonly kind: "UpDownCounter" | "Counter" | "Histogram";
  /** In UCUM. */
  readonly unit: string;
  readonly description: string;
  readonly attributes: readonly string[];
  /** Where the buckets of a histogram end, unless a view says otherwise. */
  readonly boundaries?: readonly number[];
}

const { route, reason, limit, runState, error, direction } = ATTRIBUTES;

/**
 * Names and units follow OpenTelemetry's semantic conventions for metrics, after the model of
 * `http.server.*`: seconds and bytes, no unit in a name, braces around what is counted.
 */
export const METRICS = {
  active: {
    name: "sluice.server.active_connections",
    kind: "UpDownCounter",
    unit: "{connection}",
    description: "Connections that are open.",
    attributes: [route],
  },
  duration: {
    name: "sluice.server.connection.duration",
    kind: "Histogram",
    unit: "s",
    description: "From the arrival of the request to the close.",
    attributes: [route, reason, error],
    boundaries: DURATIONS,
  },
  firstEvent: {
    name: "sluice.server.connection.time_to_first_event",
    kind: "Histogram",
    unit: "s",
    description: "From the arrival of the request to the first event.",
    attributes: [route],
    boundaries: LATENCIES,
  },
  sentEvents: {
    name: "sluice.server.sent_events",
    kind: "Counter",
    unit: "{event}",
    description: "Events that were handed to clients' sockets, each once for each client.",
    attributes: [route],
  },
  sentBytes: {
    name: "sluice.server.network.io",
    kind: "Counter",
    unit: "By",
    description: "The text of these events.",
    attributes: [route, direction],
  },
  dropped: {
    name: "sluice.server.dropped_events",
    kind: "Counter",
    unit: "{event}",
    description: "Events that were left out because a client was slow.",
    attributes: [route],
  },
  replayed: {
    name: "sluice.server.replayed_events",
    kind: "Counter",
    unit: "{event}",
    description: "Events of channels' past that were sent.",
    attributes: [route],
  },
  replay: {
    name: "sluice.server.connection.replay.length",
    kind: "Histogram",
    unit: "{event}",
    description:
      "How many events of channels' past a connection was sent, if any. Recorded when it closes.",
    attributes: [route],
    boundaries: COUNTS,
  },
  resets: {
    name: "sluice.server.resets",
    kind: "Counter",
    unit: "{reset}",
    description: "How often a client was told that events are missing.",
    attributes: [route],
  },
  refused: {
    name: "sluice.server.refused_connections",
    kind: "Counter",
    unit: "{connection}",
    description: "Connections that were refused because a limit was reached.",
    attributes: [route, limit],
  },
  lag: {
    name: "sluice.server.connection.lag",
    kind: "Histogram",
    unit: "s",
    description: "How long a client that was behind took until it had taken all.",
    attributes: [route],
    boundaries: LATENCIES,
  },
  stuck: {
    name: "sluice.server.stuck_producers",
    kind: "Counter",
    unit: "{producer}",
    description: "Sources that still ran long after their connection closed.",
    attributes: [route],
  },
  activeRuns: {
    name: "sluice.server.active_runs",
    kind: "UpDownCounter",
    unit: "{run}",
    description: "Runs that have started here and have not ended.",
    attributes: [route],
  },
  runDuration: {
    name: "sluice.server.run.duration",
    kind: "Histogram",
    unit: "s",
    description: "From the start of a run to its end.",
    attributes: [route, runState, error],
    boundaries: DURATIONS,
  },
  runEvents: {
    name: "sluice.server.run.events",
    kind: "Histogram",
    unit: "{event}",
    description: "How many events a run has published. Recorded when it ends.",
    attributes: [route],
    boundaries: RUN_COUNTS,
  },
} as const satisfies Record<string, MetricDescription>;
