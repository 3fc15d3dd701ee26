import type { SseEvents } from "../src/index.js";

export type Words = { word: { text: string } };

type Step = string | Error | undefined;

/** What one run does, as a test says: the handler's side of it. */
export class Part {
  readonly signal: AbortSignal;
  /** How often its `finally` has run. */
  finals = 0;
  readonly #script: Step[] = [];
  #wake: (() => void) | undefined;

  constructor(signal: AbortSignal) {
    this.signal = signal;
    signal.addEventListener("abort", () => this.#wake?.());
  }

  say(...words: readonly string[]): void {
    this.#do(...words);
  }

  end(): void {
    this.#do(undefined);
  }

  fail(error: unknown = new Error("secret")): void {
    this.#do(error as Error);
  }

  /** The source: it obeys its signal, by coming to its end. */
  async *play(): SseEvents<Words> {
    try {
      while (!this.signal.aborted) {
        if (this.#script.length === 0) await new Promise<void>((wake) => (this.#wake = wake));
        if (this.#script.length === 0) continue;
        const next = this.#script.shift();
        if (next === undefined) return;
        if (typeof next !== "string") throw next;
        yield { event: "word", data: { text: next } };
      }
    } finally {
      this.finals++;
    }
  }

  #do(...steps: readonly Step[]): void {
    this.#script.push(...steps);
    this.#wake?.();
  }
}

/** The words of events, and Sluice's own events as `<end done>` and the like. */
export function wordsOf(
  events: readonly { readonly event: string; readonly json: unknown }[],
): string[] {
  return events.map(({ event, json }) => {
    if (event === "word") return (json as { text: string }).text;
    return `<${event.slice("sluice.".length)} ${Object.values(json as object).at(-1)}>`;
  });
}
