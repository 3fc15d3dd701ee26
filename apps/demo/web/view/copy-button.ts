import { button } from "./dom.js";

/** How long the button says that it has copied, in milliseconds. */
const SAID = 1500;

/** A button that copies a text, and says so. @param text - asked when it is pressed */
export function copyButton(text: () => string): HTMLButtonElement {
  const element = button(
    "Copy",
    () => {
      void copy(text()).then((done) => {
        element.textContent = done ? "Copied" : "Select and copy";
        setTimeout(() => {
          element.textContent = "Copy";
        }, SAID);
      });
    },
    "button-quiet",
  );
  return element;
}

/** Browsers give no clipboard to pages from plain HTTP, other than from this machine. */
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
