import type { ReceivedEvent } from "../stream/state.js";
import { Series } from "./chart.js";
import { el } from "./dom.js";
import type { Visual } from "./visual.js";

interface Reading {
  readonly cpu: number;
  readonly memory: { readonly rss: number };
  readonly uptime: number;
  readonly lag: number;
}

const MEBIBYTE = 1024 * 1024;

/** Draws the last minute of the server's process. */
export class ServerMetrics implements Visual {
  readonly #cpu = new Series({
    label: "Processor",
    format: (v) => `${v.toFixed(1)} %`,
    atLeast: 10,
  });
  readonly #memory = new Series({
    label: "Memory",
    format: (v) => `${v.toFixed(0)} MiB`,
    atLeast: 128,
  });
  readonly #lag = new Series({
    label: "Event-loop lag",
    format: (v) => `${v.toFixed(1)} ms`,
    atLeast: 10,
  });
  readonly #uptime = el("p.uptime", {}, "Not connected");
  readonly element = el(
    "div.visual.visual-metrics",
    {},
    this.#cpu.element,
    this.#memory.element,
    this.#lag.element,
    this.#uptime,
  );

  event({ name, data }: ReceivedEvent): void {
    if (name !== "message") return;
    const { cpu, memory, uptime, lag } = JSON.parse(data) as Reading;
    this.#cpu.push(cpu);
    this.#memory.push(memory.rss / MEBIBYTE);
    this.#lag.push(lag);
    this.#uptime.textContent = `Up for ${describeSeconds(uptime)}`;
  }

  clear(): void {
    for (const series of [this.#cpu, this.#memory, this.#lag]) series.clear();
    this.#uptime.textContent = "Not connected";
  }
}

function describeSeconds(seconds: number): string {
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}
