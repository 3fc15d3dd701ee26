import "reflect-metadata";
import { setTimeout as delay } from "node:timers/promises";
import { Controller, Signal, Sse, SseStream } from "@sluice/core";

const BLOCK = "x".repeat(8_192);

/** How many sources began and came to their end, by handler. */
export class Tally {
  readonly #started = new Map<string, number>();
  readonly #ended = new Map<string, number>();

  start(name: string): void {
    this.#started.set(name, this.startsOf(name) + 1);
  }

  end(name: string): void {
    this.#ended.set(name, (this.#ended.get(name) ?? 0) + 1);
  }

  startsOf(name: string): number {
    return this.#started.get(name) ?? 0;
  }

  get total(): number {
    return [...this.#started.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Those that began and did not end, but for `deaf`, which nobody can wake. */
  unfinished(): Map<string, number> {
    const left = [...this.#started].map(
      ([name, count]) => [name, count - (this.#ended.get(name) ?? 0)] as const,
    );
    return new Map(left.filter(([name, count]) => count !== 0 && name !== "deaf"));
  }
}

/** Sources of every kind, each counted in a tally. */
export function sourcesFor(tally: Tally) {
  @Controller("faults")
  class SourcesController {
    @Sse("ticking")
    async *ticking(@Signal() signal: AbortSignal) {
      yield* this.#tracked("ticking", async function* () {
        for (let n = 0; ; n++) {
          yield { id: String(n), data: n };
          await delay(1, undefined, { signal });
        }
      });
    }

    @Sse("flooding")
    async *flooding() {
      yield* this.#tracked("flooding", async function* () {
        for (;;) yield { data: BLOCK };
      });
    }

    @Sse("quiet")
    async *quiet(@Signal() signal: AbortSignal) {
      yield* this.#tracked("quiet", async function* () {
        yield "hello";
        await delay(3_600_000, undefined, { signal });
      });
    }

    @Sse("posted", { method: "POST" })
    async *posted(@Signal() signal: AbortSignal) {
      yield* this.ticking(signal);
    }

    @Sse("finally-yields")
    async *finallyYields() {
      tally.start("finally-yields");
      try {
        for (;;) {
          yield "tick";
          await delay(2);
        }
      } finally {
        yield "end";
        tally.end("finally-yields");
      }
    }

    @Sse("imperative")
    imperative() {
      tally.start("imperative");
      const stream = new SseStream({ overflow: "drop-oldest", maxBufferedBytes: 65_536 });
      const timer = setInterval(() => stream.send({ data: BLOCK }), 1);
      stream.onClose(() => {
        clearInterval(timer);
        tally.end("imperative");
      });
      return stream;
    }

    @Sse("deaf")
    async *deaf() {
      tally.start("deaf");
      try {
        yield "hello";
        // Ignores its signal: nobody can wake it.
        await new Promise(() => {});
      } finally {
        tally.end("deaf");
      }
    }

    async *#tracked<T>(name: string, produce: () => AsyncGenerator<T>): AsyncGenerator<T> {
      tally.start(name);
      try {
        yield* produce();
      } finally {
        tally.end(name);
      }
    }
  }
  return SourcesController;
}
