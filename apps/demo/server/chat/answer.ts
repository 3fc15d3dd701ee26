import type { NgramModel, Topic } from "./ngram-model.js";
import { randomAt } from "./random.js";
import { endsSentence, pieceOf } from "./tokens.js";

/** What an answer is made of, beside the model. The same draft makes the same answer. */
export interface Draft {
  readonly prompt: string;
  /** A whole number of 32 bits. */
  readonly seed: number;
}

/** An answer ends with the first sentence after so many tokens. */
const SHORTEST = 130;
const LONGEST = 200;

/** A sentence is not to end before so many tokens, is brought to its end from so many on, and ends at the most. */
const SHORT_SENTENCE = 5;
const LONG_SENTENCE = 28;
const TOO_LONG_SENTENCE = 45;

/** After so many sentences a paragraph may end. */
const PARAGRAPH = 3;

/** How much less a turn of phrase is worth each time it has been used. */
const USED = 0.02;

/** What comes before a piece that begins a paragraph. */
const BREAK = "\n\n";

/**
 * An answer on its way. Everything about it follows from the draft and the pieces so far, so that it can
 * be taken up again after any of them.
 */
export class Answer {
  /** After how many pieces it is about to end. */
  readonly about: number;
  readonly #model: NgramModel;
  readonly #topic: Topic;
  readonly #seed: number;
  #sentence: string[] = [];
  #pieces = 0;
  #sentences = 0;
  readonly #used = new Map<string, number>();

  constructor(model: NgramModel, { prompt, seed }: Draft) {
    this.#model = model;
    this.#topic = model.topicOf(prompt);
    this.#seed = seed;
    this.about = SHORTEST + Math.floor(randomAt(seed, 0) * (LONGEST - SHORTEST));
  }

  /** How many pieces it has. */
  get length(): number {
    return this.#pieces;
  }

  /** Makes the next piece, and adds it; undefined when the answer is complete. */
  next(): string | undefined {
    const isBetween = this.#sentence.length === 0;
    if (isBetween && this.#pieces >= this.about) return undefined;
    const token = this.#choose();
    const piece = isBetween ? this.#opening() + token : pieceOf(token);
    this.#add(token);
    return piece;
  }

  /** Adds a piece that was made before. */
  accept(piece: string): void {
    this.#add(piece.trim());
  }

  #opening(): string {
    if (this.#pieces === 0) return "";
    return this.#sentences % PARAGRAPH === 0 ? BREAK : " ";
  }

  #choose(): string {
    if (this.#sentence.length >= TOO_LONG_SENTENCE) return ".";
    const candidates = this.#model.candidates(this.#sentence, this.#topic);
    const scores = [...candidates].map(
      ([token, score]) => [token, this.#weigh(token, score)] as const,
    );
    let left =
      randomAt(this.#seed, this.#pieces + 1) * scores.reduce((sum, [, score]) => sum + score, 0);
    for (const [token, score] of scores) {
      left -= score;
      if (left < 0) return token;
    }
    // What only ever stood at the end of a sentence.
    return ".";
  }

  #weigh(token: string, score: number): number {
    return score * this.#fit(token) * USED ** (this.#used.get(this.#phrase(token)) ?? 0);
  }

  /** How well an end fits here. */
  #fit(token: string): number {
    const { length } = this.#sentence;
    if (!endsSentence(token) || (length >= SHORT_SENTENCE && length < LONG_SENTENCE)) return 1;
    return length < SHORT_SENTENCE ? 0.01 : 100;
  }

  #add(token: string): void {
    const phrase = this.#phrase(token);
    this.#used.set(phrase, (this.#used.get(phrase) ?? 0) + 1);
    this.#pieces++;
    this.#sentence.push(token);
    if (!endsSentence(token)) return;
    this.#sentences++;
    this.#sentence = [];
  }

  #phrase(token: string): string {
    return [...this.#sentence.slice(-2), token].join(" ");
  }
}
