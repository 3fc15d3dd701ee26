import type { ReceivedEvent } from "../stream/state.js";
import { el } from "./dom.js";
import type { Visual } from "./visual.js";

interface Progress {
  readonly jobId: string;
  readonly progress: number;
  readonly status: string;
}

/** A bar that follows a job. */
export class JobProgress implements Visual {
  readonly #bar = el("progress", { max: "100", value: "0", "aria-label": "Progress of the job" });
  readonly #text = el("span.progress-text", {}, "No job yet");
  readonly element = el("div.visual.visual-progress", {}, this.#bar, this.#text);

  event({ name, data }: ReceivedEvent): void {
    if (!["start", "progress", "complete", "lost"].includes(name)) return;
    const { jobId, progress, status } = JSON.parse(data) as Progress;
    this.#bar.value = progress;
    const why = name === "lost" ? ", for its node is gone" : "";
    this.#text.textContent = `Job ${jobId}: ${progress} %, ${status}${why}`;
  }

  clear(): void {
    this.#bar.value = 0;
    this.#text.textContent = "No job yet";
  }
}
