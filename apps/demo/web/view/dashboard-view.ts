import type { Reset } from "@sluice/client";
import { type DashboardEvents, followDashboard } from "../channels/dashboard.js";
import type { FollowOptions, Mark, MarkOf } from "../channels/follow.js";
import { Series } from "./chart.js";
import type { ClientView } from "./client-view.js";
import { el } from "./dom.js";
import { describeReset } from "./reset.js";

const MEBIBYTE = 1024 * 1024;

/** Draws the last quarter of a minute of the server's process. */
export class DashboardView implements ClientView {
  readonly #delay = new Series({
    label: "Loop delay",
    format: (v) => `${v.toFixed(1)} ms`,
    atLeast: 10,
  });
  readonly #heap = new Series({
    label: "Heap",
    format: (v) => `${v.toFixed(1)} MiB`,
    atLeast: 32,
  });
  readonly #connections = new Series({ label: "Streams", format: String, atLeast: 4 });
  readonly #rate = new Series({
    label: "Published",
    format: (v) => `${v.toFixed(0)} / s`,
    atLeast: 10,
  });
  readonly #series = [this.#delay, this.#heap, this.#connections, this.#rate];
  readonly #note = el("p.uptime", {}, NOTE);
  readonly element = el(
    "div.visual.visual-dashboard",
    {},
    ...this.#series.map(({ element }) => element),
    this.#note,
  );
  #last = 0;

  follow(url: string, options: FollowOptions, mark: MarkOf) {
    return followDashboard(url, options, this, mark);
  }

  draw(reading: DashboardEvents["reading"], { replayed = false }: Mark): void {
    const { at, delay, heap, connections, rate, node } = reading;
    // Around a snapshot, the same reading may come twice.
    if (at <= this.#last) return;
    this.#last = at;
    if (node !== undefined) this.#note.textContent = `What node ${node} measures. ${NOTE}`;
    this.#delay.push(delay, replayed);
    this.#heap.push(heap / MEBIBYTE, replayed);
    this.#connections.push(connections, replayed);
    this.#rate.push(rate, replayed);
  }

  reset(reset: Reset): void {
    this.#clearCharts();
    this.#note.textContent = describeReset(reset);
  }

  clear(): void {
    this.#clearCharts();
    this.#note.textContent = NOTE;
  }

  #clearCharts(): void {
    this.#last = 0;
    for (const series of this.#series) series.clear();
  }
}

const NOTE = "A shaded part was replayed: it was measured before this connection was opened.";
