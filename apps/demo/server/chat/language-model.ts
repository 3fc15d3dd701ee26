import { setTimeout as sleep } from "node:timers/promises";
import { Injectable } from "@sluice/core";
import { Answer, type Draft } from "./answer.js";
import { readCorpus } from "./corpus.js";
import { NgramModel } from "./ngram-model.js";

/** How the model writes. */
export interface Pace {
  /** How many pieces a second; Infinity for as fast as it can. */
  readonly rate: number;
}

/** Marks at which one takes breath, and for how many pieces. */
const BREATHS: ReadonlyMap<string, number> = new Map([
  [",", 1],
  [":", 1],
  [";", 1],
  [".", 3],
]);

/** The language model of the demo: small, and trained when it is made, on Sluice's documents. */
@Injectable()
export class LanguageModel {
  readonly #model = new NgramModel(readCorpus());
  readonly #pause: number;

  constructor({ rate }: Pace) {
    this.#pause = 1000 / rate;
  }

  /** Takes up an answer behind the pieces that it has. */
  begin(draft: Draft, pieces: readonly string[] = []): Answer {
    const answer = new Answer(this.#model, draft);
    for (const piece of pieces) answer.accept(piece);
    return answer;
  }

  /**
   * Writes an answer to its end, piece by piece. Joined, the pieces are its text.
   *
   * @throws AbortError when the signal is aborted
   */
  async *write(answer: Answer, signal: AbortSignal): AsyncGenerator<string, void, undefined> {
    for (let piece = answer.next(); piece !== undefined; piece = answer.next()) {
      const pause = this.#pause * (1 + (BREATHS.get(piece) ?? 0));
      if (pause > 0) await sleep(pause, undefined, { signal });
      signal.throwIfAborted();
      yield piece;
    }
  }
}
