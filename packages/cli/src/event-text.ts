import type { Form } from "./command-line.js";
import { colourOf, type Paint } from "./colours.js";
import { harmless, harmlessLines } from "./harmless.js";
import { compactJson, isStructure, prettyJson } from "./json-text.js";
import { type TimeForm, timeText } from "./time-column.js";
import { formatTime } from "./units.js";
import { fit, pad, widthOf } from "./width.js";

/** An event, with its data as text. */
export interface TextEvent {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: string;
}

/** What is known of an event besides. */
export interface Arrival {
  /** In milliseconds since 1970. */
  readonly at: number;
  /** When the one before came. */
  readonly before: number | undefined;
  readonly latency: number | undefined;
}

export interface EventTextOptions {
  readonly form: Form;
  readonly time: TimeForm;
  readonly paint: Paint;
  /** How wide a line may be, asked for each one; undefined for any width. */
  readonly columns: () => number | undefined;
  /** Whether there is a column for the latency. */
  readonly hasLatency: boolean;
}

/** Up to here, columns grow with what is in them. */
const WIDEST = { name: 16, id: 24 };
const STEP = 4;

/** Longer text is not searched for keys to paint. */
const LONGEST_PAINTED = 10_000;

/** Writes events for people. */
export class EventText {
  readonly #options: EventTextOptions;
  #name = 0;
  #id = 0;

  constructor(options: EventTextOptions) {
    this.#options = options;
  }

  /** An event on one line, or with `--pretty` on several; without the last line break. */
  write({ event, id = "", data }: TextEvent, { at, before, latency }: Arrival): string {
    const { form, time, paint, hasLatency } = this.#options;
    const columns = form === "line" ? (this.#options.columns() ?? Infinity) : Infinity;
    const name = fit(harmless(event), columns / 3);
    const mark = fit(harmless(id), columns / 3);
    this.#name = grow(this.#name, widthOf(name), WIDEST.name);
    this.#id = grow(this.#id, widthOf(mark), WIDEST.id);
    const isJson = isStructure(data);
    const line = [
      { text: timeText(time, at, before), style: "dim" as const },
      {
        text: hasLatency ? (latency === undefined ? "" : formatTime(latency)).padStart(8) : "",
        style: "dim" as const,
      },
      { text: pad(name, this.#name), style: colourOf(event) },
      { text: pad(mark, this.#id), style: "dim" as const },
    ].filter(({ text }) => text !== "");

    let left = columns;
    let written = "";
    for (const { text, style } of line) {
      const cut = fit(text, left);
      left -= widthOf(cut) + 2;
      written += `${written === "" ? "" : "  "}${paint(style, cut)}`;
      if (left <= 0) return written;
    }
    if (form === "pretty") return written.trimEnd() + this.#below(data, isJson);
    const text = fit(oneLine(data, isJson, columns), left);
    return `${written}  ${isJson ? this.#paintKeys(text) : text}`;
  }

  #below(data: string, isJson: boolean): string {
    const lines = harmlessLines(isJson ? prettyJson(data) : data).split("\n");
    return lines.map((line) => `\n  ${isJson ? this.#paintKeys(line) : line}`).join("");
  }

  /** What is between the keys catches the eye, so the keys are dim. */
  #paintKeys(json: string): string {
    if (json.length > LONGEST_PAINTED) return json;
    return json.replaceAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g, (text, colon: string | undefined) =>
      colon === undefined ? text : this.#options.paint("dim", text),
    );
  }
}

/** How wide a column becomes. In steps, so that what follows it seldom moves. */
function grow(column: number, width: number, widest: number): number {
  return Math.max(column, Math.min(Math.ceil(width / STEP) * STEP, widest));
}

/** As much of the data as can be seen in so many columns, on one line. */
function oneLine(data: string, isJson: boolean, columns: number): string {
  const line = isJson && data.includes("\n") ? compactJson(data) : data;
  // A letter takes no column where it is a mark or half of a pair: of these there are a few, not thousands.
  return harmless(line.length > columns * 8 ? line.slice(0, columns * 8) : line);
}
