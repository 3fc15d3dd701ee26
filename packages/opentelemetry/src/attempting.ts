import { diag } from "@opentelemetry/api";

/**
 * Makes what records something safe to call. Span processors, samplers and exporters that work at
 * once throw into whoever calls them, and Node ends the process for what the subscriber of a
 * diagnostics channel throws.
 */
export function attempting<Message>(
  record: (message: Message) => void,
): (message: Message) => void {
  return (message) => {
    try {
      record(message);
    } catch (error) {
      diag.error(
        "@sluice/opentelemetry: what was told of a stream or a run could not be recorded.",
        error,
      );
    }
  };
}
