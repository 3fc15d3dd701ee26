import { context, type Span, SpanStatusCode, type TracerProvider } from "@opentelemetry/api";
import { attempting } from "./attempting.js";
import { ATTRIBUTES, ERROR_TYPE, SCOPE, SPAN_EVENTS } from "./conventions.js";
import { at } from "./instruments.js";
import { listen } from "./listen.js";
import type { Closed, Counted } from "./messages.js";

/**
 * How many events of a kind a span has at most. An SDK keeps 128 in all and throws the oldest away; a
 * client that is always slow would have thousands.
 */
export const MAX_EVENTS_OF_A_KIND = 32;

type Kind = "dropped" | "replayed" | "reset";

interface Open {
  readonly span: Span;
  readonly told: Record<Kind, number>;
}

/**
 * Records a span for each connection that opens from now on.
 *
 * @returns what ends it; spans of connections that are still open end then, without a reason
 */
export function recordConnectionSpans(provider: TracerProvider): () => void {
  const tracer = provider.getTracer(SCOPE.name, SCOPE.version);
  const spans = new Map<number, Open>();
  const tell =
    (kind: Kind) =>
    ({ id, count }: Counted): void => {
      const open = spans.get(id);
      if (open === undefined || open.told[kind] === MAX_EVENTS_OF_A_KIND) return;
      open.told[kind]++;
      open.span.addEvent(SPAN_EVENTS[kind], { [ATTRIBUTES.count]: count });
    };
  const stopListening = listen({
    "sluice:connection:opened": ({ id, route }) => {
      const options = { attributes: at(route) };
      const span = tracer.startSpan(`stream ${route}`, options, context.active());
      // One that was not sampled has nothing to be told, and takes no memory.
      if (span.isRecording()) spans.set(id, { span, told: { dropped: 0, replayed: 0, reset: 0 } });
    },
    "sluice:connection:first-event": ({ id }) =>
      spans.get(id)?.span.addEvent(SPAN_EVENTS.firstEvent),
    "sluice:connection:dropped": tell("dropped"),
    "sluice:connection:replayed": tell("replayed"),
    "sluice:connection:reset": tell("reset"),
    "sluice:connection:closed": (message) => {
      const open = spans.get(message.id);
      if (open === undefined) return;
      // First, so that nothing is kept of it if a span processor throws.
      spans.delete(message.id);
      finish(open.span, message);
    },
  });
  return () => {
    stopListening();
    spans.forEach(attempting(({ span }: Open) => span.end()));
    spans.clear();
  };
}

function finish(span: Span, message: Closed): void {
  const { reason, events, bytes, dropped, replayed, resets, firstEvent } = message;
  span.setAttributes({
    [ATTRIBUTES.reason]: reason,
    [ATTRIBUTES.events]: events,
    [ATTRIBUTES.bytes]: bytes,
    [ATTRIBUTES.dropped]: dropped,
    [ATTRIBUTES.replayed]: replayed,
    [ATTRIBUTES.resets]: resets,
    ...(firstEvent !== undefined && { [ATTRIBUTES.firstEvent]: firstEvent / 1_000 }),
  });
  if (reason === "error") {
    span.setAttribute(ATTRIBUTES.error, ERROR_TYPE);
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}
