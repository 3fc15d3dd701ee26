import { stemOf, tokensOf } from "./tokens.js";

/** What stands before a sentence. */
const START = "";

/** How much it counts that a token has followed one other, two others, three others. */
const WEIGHTS = [0.02, 2, 30] as const;

/** How much more what was read about the prompt's words counts than all else. */
const PULL = 25;

/** Words that make a question, and say nothing about what it is about. */
const ASKING = new Set(
  "are can could does how should what when where which who why would".split(" "),
);

/** A word that is in more than one of so many sentences says nothing either. */
const COMMON = 20;

/** Which tokens have followed which, and how often. */
class Followers {
  readonly #counts = new Map<string, Map<string, number>>();

  /** Takes in a sentence. @param times - as if it had been read so often */
  add(sentence: readonly string[], times = 1): void {
    for (const [index, token] of sentence.entries()) {
      for (const context of contextsAfter(sentence.slice(0, index))) {
        const counts = this.#counts.get(context) ?? new Map<string, number>();
        this.#counts.set(context, counts.set(token, (counts.get(token) ?? 0) + times));
      }
    }
  }

  after(context: string): Iterable<readonly [token: string, count: number]> {
    return this.#counts.get(context) ?? [];
  }
}

interface Sentence {
  readonly tokens: readonly string[];
  readonly stems: ReadonlySet<string>;
}

/** What was read about the words of a prompt. */
export type Topic = Pick<Followers, "after">;

/** Learns from sentences which word follows which others: one, two and three of them. */
export class NgramModel {
  readonly #followers = new Followers();
  readonly #sentences: readonly Sentence[];
  /** In how many sentences a stem is. */
  readonly #frequencies = new Map<string, number>();

  /** @param sentences - each with its mark at the end */
  constructor(sentences: readonly string[]) {
    this.#sentences = sentences.map((text) => {
      const tokens = tokensOf(text);
      return { tokens, stems: stemsOf(tokens) };
    });
    for (const { tokens, stems } of this.#sentences) {
      this.#followers.add(tokens);
      for (const stem of stems) {
        this.#frequencies.set(stem, (this.#frequencies.get(stem) ?? 0) + 1);
      }
    }
  }

  /** The words of a prompt that it knows and that are not everywhere, as stems. */
  wordsOf(prompt: string): Set<string> {
    const stems = stemsOf(tokensOf(prompt).filter((token) => !ASKING.has(token.toLowerCase())));
    for (const stem of stems) {
      const frequency = this.#frequencies.get(stem) ?? 0;
      if (frequency === 0 || frequency * COMMON > this.#sentences.length) stems.delete(stem);
    }
    return stems;
  }

  /** What a prompt is about: what the sentences say that have its words. */
  topicOf(prompt: string): Topic {
    const words = this.wordsOf(prompt);
    const topic = new Followers();
    for (const { tokens, stems } of this.#sentences) {
      const shared = [...words].filter((word) => stems.has(word)).length;
      if (shared > 0) topic.add(tokens, PULL * shared ** 2);
    }
    return topic;
  }

  /**
   * What may come next, with how much speaks for it.
   *
   * @param sentence - what there is of it so far
   */
  candidates(sentence: readonly string[], topic: Topic): Map<string, number> {
    const scores = new Map<string, number>();
    for (const [index, context] of contextsAfter(sentence).entries()) {
      for (const followers of [this.#followers, topic]) {
        for (const [token, count] of followers.after(context)) {
          scores.set(token, (scores.get(token) ?? 0) + WEIGHTS[index]! * count);
        }
      }
    }
    return scores;
  }
}

/** The contexts of the last token, of the last two, and of the last three. */
function contextsAfter(sentence: readonly string[]): string[] {
  const padded = [START, START, START, ...sentence.slice(-WEIGHTS.length)];
  return WEIGHTS.map((_, index) => padded.slice(-1 - index).join("\n"));
}

function stemsOf(tokens: readonly string[]): Set<string> {
  return new Set(tokens.map((token) => stemOf(token)));
}
