import { prefersStillness, svg } from "./dom.js";

/** How far the gate lifts for each open stream, and at most, in units of the drawing. */
const LIFT = 9;
const HIGHEST = 46;
/** More drops than these at once would be a blur. */
const MOST_DROPS = 12;

/**
 * The drawing at the top: a sluice whose gate lifts with the number of open streams, and a drop that
 * travels downstream for each event.
 */
export class Figure {
  readonly #gate: SVGGElement;
  readonly #drops = svg("g", { class: "figure-drops" });
  readonly element: SVGSVGElement;

  constructor() {
    this.#gate = svg(
      "g",
      { class: "figure-gate" },
      svg("path", { class: "figure-rack", d: "M210 8v66" }),
      svg("path", {
        class: "figure-teeth",
        d: "M210 12h5m-5 8h5m-5 8h5m-5 8h5m-5 8h5m-5 8h5m-5 8h5",
      }),
      svg("rect", { class: "figure-board", x: 196, y: 74, width: 28, height: 92 }),
      svg("path", { class: "figure-planks", d: "M196 92h28M196 110h28M196 128h28M196 146h28" }),
    );
    this.element = svg(
      "svg",
      {
        class: "figure",
        viewBox: "0 0 480 210",
        role: "img",
        "aria-label": "A sluice gate between two water levels. It lifts while streams are open.",
      },
      svg("path", {
        class: "figure-upper",
        d: "M0 84q15-5 30 0t30 0 30 0 30 0 30 0 28 0h18v82H0z",
      }),
      svg("path", {
        class: "figure-gauge",
        d: "M40 58v100M40 58h8M40 76h5M40 94h8M40 112h5M40 130h8M40 148h5M40 166h8",
      }),
      svg("path", {
        class: "figure-lower",
        d: "M192 146h32q15-4 30 0t30 0 30 0 30 0 30 0 30 0 30 0 46 0v20H192z",
      }),
      svg("path", { class: "figure-stream", d: "M60 150H470" }),
      svg("path", { class: "figure-stream figure-stream-2", d: "M90 158H480" }),
      this.#drops,
      this.#gate,
      svg("path", { class: "figure-frame", d: "M190 166V30M230 166V30M176 30h68" }),
      svg("circle", { class: "figure-wheel", cx: 210, cy: 30, r: 9 }),
      svg("path", { class: "figure-bed", d: "M0 166h480" }),
      svg("path", { class: "figure-hatch", d: hatch() }),
    );
  }

  /** Lifts the gate. @param streams - how many are open */
  open(streams: number): void {
    const lift = Math.min(HIGHEST, streams === 0 ? 0 : 8 + streams * LIFT);
    this.#gate.style.setProperty("transform", `translateY(${-lift}px)`);
    this.element.classList.toggle("figure-open", streams > 0);
  }

  /** Sends a drop downstream. */
  drop(): void {
    if (prefersStillness() || this.#drops.childElementCount >= MOST_DROPS) return;
    const drop = svg("circle", { class: "figure-drop", cx: 0, cy: 0, r: 4 });
    this.#drops.append(drop);
    const travel = drop.animate(
      [
        { transform: "translate(150px, 120px)", opacity: 0 },
        { transform: "translate(176px, 150px)", opacity: 1, offset: 0.15 },
        { transform: "translate(244px, 154px)", opacity: 1, offset: 0.4 },
        { transform: "translate(470px, 154px)", opacity: 0 },
      ],
      { duration: 1800, easing: "cubic-bezier(.3,.1,.4,1)" },
    );
    travel.addEventListener("finish", () => drop.remove());
  }
}

/** The strokes by which a section drawing marks solid ground. */
function hatch(): string {
  const strokes: string[] = [];
  for (let x = 8; x < 480; x += 12) strokes.push(`M${x} 168l-8 10`);
  return strokes.join("");
}
