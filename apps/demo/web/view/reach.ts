import type { Example } from "../catalogue/example.js";
import { codeView } from "./code.js";
import { el } from "./dom.js";

/**
 * The three stages that an event passes, from the source to the page.
 *
 * @param wireSwitch - decides whether the wire is read; a stream that answers a POST has no choice
 */
export function reach(
  { source, body }: Example,
  wire: HTMLElement,
  events: HTMLElement,
  wireSwitch: HTMLInputElement,
): HTMLElement {
  const posts = body !== undefined;
  const toggle = el(
    "label.wire-switch",
    {},
    wireSwitch,
    el("span", {}, "read", el("span.unseen", {}, " the wire")),
  );
  return el(
    "div.reach",
    {},
    stage("Source", source.path.replace(/^apps\/demo\//, ""), codeView(source)),
    stage(
      "Wire",
      posts ? "raw text, read by fetch" : "raw text, on a second connection",
      wire,
      ...(posts ? [] : [toggle]),
    ),
    stage(
      "Browser",
      posts ? "parsed from the wire by the page" : "events of the native EventSource",
      events,
    ),
  );
}

function stage(
  title: string,
  what: string,
  box: HTMLElement,
  ...extra: HTMLElement[]
): HTMLElement {
  const head = el(
    "div.stage-head",
    {},
    el("h4", {}, title),
    el("span.stage-what", {}, what),
    ...extra,
  );
  return el(`section.stage.stage-${title.toLowerCase()}`, { "aria-label": title }, head, box);
}
