import type { Example } from "../catalogue/example.js";
import type { ClientView } from "./client-view.js";
import { el } from "./dom.js";
import { sourceStage } from "./source-stage.js";

/** What the three stages show. */
export interface ReachParts {
  readonly wire: HTMLElement;
  /** Decides whether the wire is read, where that takes a connection of its own. */
  readonly wireSwitch: HTMLInputElement;
  readonly events: HTMLElement;
  readonly view: ClientView | undefined;
}

/** The three stages that an event passes, from the source to the page. */
export function reach(
  { source, client }: Example,
  { wire, wireSwitch, events, view }: ReachParts,
): HTMLElement {
  const toggle = el(
    "label.wire-switch",
    {},
    wireSwitch,
    el("span", {}, "read", el("span.unseen", {}, " the wire")),
  );
  const server = { name: "Server", file: source };
  const page = client === undefined ? [] : [{ name: "Client", file: client.source }];
  const { head, box } = sourceStage([server, ...page], client?.isFirst === true ? page[0] : server);
  const wireHead =
    client === undefined
      ? [what("raw text, on a second connection"), toggle]
      : [what("raw text, as the client reads it")];
  return el(
    "div.reach",
    {},
    stage("Source", head, box),
    stage("Wire", wireHead, wire),
    view?.isStage === true
      ? stage("Browser", [what("what React renders")], view.element)
      : stage(
          "Browser",
          [
            what(
              `events of ${client === undefined ? "the native EventSource" : "Sluice's client"}`,
            ),
          ],
          events,
        ),
  );
}

function what(text: string): HTMLElement {
  return el("span.stage-what", {}, text);
}

function stage(title: string, head: readonly HTMLElement[], box: HTMLElement): HTMLElement {
  return el(
    `section.stage.stage-${title.toLowerCase()}`,
    { "aria-label": title },
    el("div.stage-head", {}, el("h4", {}, title), ...head),
    box,
  );
}
