import { el } from "./dom.js";

const FORMAT = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

/** A time of the server's, in the visitor's way of writing it. @param at - in milliseconds */
export function timeOf(at: number): HTMLElement {
  const date = new Date(at);
  return el("time.at", { datetime: date.toISOString() }, FORMAT.format(date));
}
