import { codeView, type SourceFile } from "./code.js";
import { button, el } from "./dom.js";

/** A file, and what it is called where there are several. */
export interface NamedSource {
  readonly name: string;
  readonly file: SourceFile;
}

/**
 * Shows a file, or one of several.
 *
 * @param first - the one that is shown until another is chosen
 * @returns what stands in the stage's head, and the box below it
 */
export function sourceStage(
  sources: readonly NamedSource[],
  first = sources[0],
): {
  readonly head: readonly HTMLElement[];
  readonly box: HTMLElement;
} {
  const what = el("span.stage-what");
  const box = el("div.source-box");
  const buttons = sources.map((source) =>
    button(source.name, () => show(source), "source-tab button-quiet"),
  );
  const views = new Map(sources.map((source) => [source, codeView(source.file)]));
  const show = (shown: NamedSource) => {
    what.textContent = shown.file.path.replace(/^apps\/demo\//, "");
    box.replaceChildren(views.get(shown)!);
    for (const [index, source] of sources.entries()) {
      buttons[index]!.setAttribute("aria-pressed", String(source === shown));
    }
  };
  if (first !== undefined) show(first);
  return { head: sources.length > 1 ? [what, ...buttons] : [what], box };
}
