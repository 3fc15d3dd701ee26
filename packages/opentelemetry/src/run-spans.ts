import { context, type Span, SpanStatusCode, type TracerProvider } from "@opentelemetry/api";
import { attempting } from "./attempting.js";
import { ATTRIBUTES, ERROR_TYPE, isFailure, SCOPE } from "./conventions.js";
import { at } from "./instruments.js";
import { listen } from "./listen.js";
import type { RunEnded } from "./messages.js";

/**
 * Records a span for each run that starts from now on. It is a child of the request that starts the
 * run, although it may outlive that: the handler is called in the same context, so that this is the
 * trace which has the spans of what it does.
 *
 * @returns what ends it; spans of runs that go on end then, without a state
 */
export function recordRunSpans(provider: TracerProvider): () => void {
  const tracer = provider.getTracer(SCOPE.name, SCOPE.version);
  const spans = new Map<string, Span>();
  const stopListening = listen({
    "sluice:run:started": ({ id, route }) => {
      const options = { attributes: at(route) };
      const span = tracer.startSpan(`run ${route}`, options, context.active());
      // One that was not sampled has nothing to be told, and takes no memory.
      if (span.isRecording()) spans.set(id, span);
    },
    "sluice:run:ended": (message) => {
      const span = spans.get(message.id);
      if (span === undefined) return;
      // First, so that nothing is kept of it if a span processor throws.
      spans.delete(message.id);
      finish(span, message);
    },
  });
  return () => {
    stopListening();
    spans.forEach(attempting((span: Span) => span.end()));
    spans.clear();
  };
}

function finish(span: Span, { state, events, bytes }: RunEnded): void {
  span.setAttributes({
    [ATTRIBUTES.runState]: state,
    [ATTRIBUTES.runEvents]: events,
    [ATTRIBUTES.runBytes]: bytes,
  });
  if (isFailure(state)) {
    span.setAttribute(ATTRIBUTES.error, ERROR_TYPE);
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}
