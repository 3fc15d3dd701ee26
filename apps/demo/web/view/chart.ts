import { el, svg } from "./dom.js";

export interface SeriesOptions {
  readonly label: string;
  /** Writes a value with its unit. */
  readonly format: (value: number) => string;
  /** The least height of the scale, so that a calm series looks calm. */
  readonly atLeast: number;
}

const WIDTH = 240;
const HEIGHT = 56;
const POINTS = 60;

/** A line that moves to the left as values arrive, with the newest value beside its name. */
export class Series {
  readonly element: HTMLElement;
  readonly #values: { readonly value: number; readonly replayed: boolean }[] = [];
  readonly #replayed = svg("path", { class: "chart-replayed", d: "" });
  readonly #line = svg("polyline", { class: "chart-line", points: "" });
  readonly #area = svg("polygon", { class: "chart-area", points: "" });
  readonly #now = el("span.chart-value", {}, "–");

  constructor(private readonly options: SeriesOptions) {
    const plot = svg(
      "svg",
      {
        class: "chart-plot",
        viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
        preserveAspectRatio: "none",
        "aria-hidden": "true",
      },
      this.#replayed,
      svg("line", { class: "chart-base", x1: 0, x2: WIDTH, y1: HEIGHT - 0.5, y2: HEIGHT - 0.5 }),
      this.#area,
      this.#line,
    );
    const head = el("div.chart-head", {}, el("span.chart-label", {}, options.label), this.#now);
    this.element = el("div.chart", {}, head, plot);
  }

  /** @param replayed - it came late: its place is shaded */
  push(value: number, replayed = false): void {
    this.#values.push({ value, replayed });
    if (this.#values.length > POINTS) this.#values.shift();
    this.#now.textContent = this.options.format(value);
    this.#draw();
  }

  clear(): void {
    this.#values.length = 0;
    this.#now.textContent = "–";
    this.#draw();
  }

  #draw(): void {
    const top = Math.max(this.options.atLeast, ...this.#values.map(({ value }) => value)) * 1.1;
    const step = WIDTH / (POINTS - 1);
    const first = WIDTH - step * (this.#values.length - 1);
    const points = this.#values.map(({ value }, index) => {
      const x = (first + step * index).toFixed(1);
      const y = (HEIGHT - 2 - (value / top) * (HEIGHT - 4)).toFixed(1);
      return `${x},${y}`;
    });
    this.#line.setAttribute("points", points.join(" "));
    const shades = this.#values.flatMap(({ replayed }, index) =>
      replayed
        ? [
            `M${(first + step * (index - 1)).toFixed(1)} 0h${step.toFixed(2)}V${HEIGHT}h-${step.toFixed(2)}z`,
          ]
        : [],
    );
    this.#replayed.setAttribute("d", shades.join(""));
    const foot = points.length > 0 ? ` ${WIDTH},${HEIGHT} ${first.toFixed(1)},${HEIGHT}` : "";
    this.#area.setAttribute("points", points.join(" ") + foot);
  }
}
