import { hasColours, painter } from "./colours.js";
import type { TailSettings } from "./command-line.js";
import { EventText } from "./event-text.js";
import { harmlessLines } from "./harmless.js";
import { jsonLine } from "./json-line.js";
import type { Output, Sink } from "./output.js";
import type { TailSink } from "./tail.js";

/** Writes events to stdout, in the form that is asked for. */
export function showEvents(
  { form, time, colour, latencyField }: TailSettings,
  output: Output,
  { stdout, env }: { stdout: Sink; env: Readonly<Record<string, string | undefined>> },
): TailSink {
  const isTerminal = stdout.isTTY === true;
  const text = new EventText({
    form,
    time,
    paint: painter(hasColours(colour, stdout, env)),
    columns: () => (isTerminal ? stdout.columns || 80 : undefined),
    hasLatency: latencyField !== undefined,
  });
  const decoder = new TextDecoder();
  let before: number | undefined;
  return {
    event(event) {
      const line =
        form === "json" ? jsonLine(event, event.at) : text.write(event, { ...event, before });
      before = event.at;
      return output.write(`${line}\n`);
    },
    // A file or a program gets the bytes as they are, a terminal what can do it no harm.
    bytes: (chunk) =>
      output.write(isTerminal ? harmlessLines(decoder.decode(chunk, { stream: true })) : chunk),
  };
}
