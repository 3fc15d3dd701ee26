import { describe, expect, test } from "vitest";
import { Answer, type Draft } from "./answer.js";
import { readCorpus } from "./corpus.js";
import { NgramModel } from "./ngram-model.js";
import { stemOf, tokensOf } from "./tokens.js";

const model = new NgramModel(readCorpus());
const SEEDS = Array.from({ length: 20 }, (_, index) => index * 214_748_364);

function write(draft: Draft, pieces: readonly string[] = []): string[] {
  const answer = new Answer(model, draft);
  for (const piece of pieces) answer.accept(piece);
  const written: string[] = [];
  for (let piece = answer.next(); piece !== undefined; piece = answer.next()) written.push(piece);
  return written;
}

describe("an answer", () => {
  test("is the same for the same prompt and seed, and another for another seed", () => {
    const draft = { prompt: "How does a client resume?", seed: 7 };
    const first = write(draft).join("");
    expect(write(draft).join("")).toBe(first);
    expect(write({ ...draft, seed: 8 }).join("")).not.toBe(first);
  });

  test.each(SEEDS)(
    "of the seed %i ends with a sentence, after about as many pieces as it says",
    (seed) => {
      const draft = { prompt: "What is a run?", seed };
      const pieces = write(draft);
      const { about } = new Answer(model, draft);
      expect(pieces.length).toBeGreaterThanOrEqual(about);
      expect(pieces.length).toBeLessThan(about + 50);
      expect(about).toBeGreaterThanOrEqual(120);
      expect(about).toBeLessThanOrEqual(250);
      expect(pieces.at(-1)).toMatch(/^[.!?]$/);
    },
  );

  test("goes on from its state after a piece as if it had never been interrupted", () => {
    const draft = { prompt: "Why are channels kept?", seed: 99 };
    const whole = write(draft);
    for (let length = 0; length <= whole.length; length += 9) {
      expect(write(draft, whole.slice(0, length))).toEqual(whole.slice(length));
    }
  });

  test("is text: sentences with spaces between words, and none before a mark", () => {
    const text = write({ prompt: "What is a guard?", seed: 3 }).join("");
    expect(text).toMatch(/^[A-Z]/);
    expect(text).not.toMatch(/ [.,;:]|\S {2}|[<>{}|`]/);
    expect(text.split("\n\n").length).toBeGreaterThan(1);
  });

  test.each(["redis", "guards", "proxies", "tabs"])(
    "is about %s when it is asked for that",
    (word) => {
      const hits = (prompt: string) =>
        SEEDS.flatMap((seed) => tokensOf(write({ prompt, seed }).join(""))).filter(
          (token) => stemOf(token) === stemOf(word),
        ).length;
      expect(hits(`What of ${word}?`)).toBeGreaterThan(3 * hits("What of it?") + 20);
    },
  );

  test("is one too where no word of the prompt is known", () => {
    expect(model.wordsOf("Xyzzy plugh?")).toEqual(new Set());
    expect(write({ prompt: "Xyzzy plugh?", seed: 1 }).length).toBeGreaterThan(100);
  });

  test("says something of its own: most of its sentences stand nowhere in what was read", () => {
    const read = new Set(readCorpus());
    const sentences = SEEDS.flatMap((seed) =>
      write({ prompt: "How does a client resume?", seed })
        .join("")
        .split(/(?<=[.!?])\s+/),
    );
    const own = sentences.filter((sentence) => !read.has(sentence));
    expect(own.length / sentences.length).toBeGreaterThan(0.7);
  });
});

describe("the model", () => {
  test("takes words of a prompt for what it is about, but not those that are everywhere or that ask", () => {
    expect(model.wordsOf("How can the clients of Redis resume?")).toEqual(
      new Set(["redi", "resum"]),
    );
  });

  test("learns from what it reads alone", () => {
    const tiny = new NgramModel(["The gate opens at noon.", "The gate closes."]);
    const after = (...sentence: string[]) => [
      ...tiny.candidates(sentence, tiny.topicOf("")).keys(),
    ];
    expect(after()).toEqual(["The"]);
    expect(after("The", "gate")).toEqual(["opens", "closes"]);
    expect(after("The", "gate", "closes")).toEqual(["."]);
    expect(after("never", "seen")).toEqual([]);
  });
});
