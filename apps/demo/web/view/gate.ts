import { svg } from "./dom.js";

/** A sluice gate, small: it lifts while a stream is open. Its look is decided by `data-state` around it. */
export function gateGlyph(): SVGSVGElement {
  return svg(
    "svg",
    { class: "gate", viewBox: "0 0 28 28", width: 28, height: 28, "aria-hidden": "true" },
    svg("path", { class: "gate-water", d: "M1 13h12v12H1z" }),
    svg("path", { class: "gate-flow", d: "M14 21.5h13" }),
    svg("path", { class: "gate-flow gate-flow-2", d: "M14 24.5h13" }),
    svg("path", { class: "gate-frame", d: "M9.5 25V5M18.5 25V5M7 4.5h14" }),
    svg(
      "g",
      { class: "gate-plate" },
      svg("path", { class: "gate-stem", d: "M14 3v9" }),
      svg("rect", { class: "gate-board", x: 10.5, y: 11, width: 7, height: 14 }),
    ),
  );
}
