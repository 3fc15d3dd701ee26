import { el } from "./dom.js";
import { highlight } from "./highlight.js";

/** A file of the repository, as the build found it. */
export interface SourceFile {
  /** Its path from the root of the repository. */
  readonly path: string;
  readonly text: string;
}

/** Shows a file, coloured, in a box that scrolls and takes the keyboard's focus. */
export function codeView(file: SourceFile): HTMLElement {
  const code = el("code");
  for (const { kind, text } of highlight(file.text.trimEnd())) {
    code.append(kind === "plain" ? text : el(`span.tok-${kind}`, {}, text));
  }
  return el(
    "pre.code",
    { tabindex: "0", role: "region", "aria-label": `Source of ${file.path}` },
    code,
  );
}
