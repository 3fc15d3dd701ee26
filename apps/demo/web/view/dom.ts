type Child = Node | string;

/**
 * Makes an element. Text always becomes a text node, so that nothing that a stream brings can be markup.
 *
 * @param tag - the element's name; classes may follow, as in `p.note.quiet`
 * @param attributes - a value of `false` leaves the attribute out, `true` sets it empty
 */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K | `${K}.${string}`,
  attributes: Readonly<Record<string, string | boolean>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const [name, ...classes] = tag.split(".") as [K, ...string[]];
  const element = document.createElement(name);
  if (classes.length > 0) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** Makes an SVG element, as {@link el} makes an HTML element. */
export function svg<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string | number>> = {},
  ...children: readonly Node[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}

/** A button that does one thing. */
export function button(label: string, onClick: () => void, kind = ""): HTMLButtonElement {
  const element = el("button", { type: "button", class: `button ${kind}`.trim() }, label);
  element.addEventListener("click", () => {
    if (element.ariaDisabled !== "true") onClick();
  });
  return element;
}

/** Says of a {@link button} whether it does anything just now. It keeps the keyboard's focus, as a disabled one can't. */
export function disable(element: HTMLButtonElement, isDisabled: boolean): void {
  element.ariaDisabled = String(isDisabled);
}

/** Finds an element that the page is known to have. */
export function find<E extends Element>(selector: string, type: new () => E): E {
  const element = document.querySelector(selector);
  if (!(element instanceof type)) throw new Error(`The page has no ${selector}.`);
  return element;
}

/** Whether the visitor asked the system for less movement. */
export function prefersStillness(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
