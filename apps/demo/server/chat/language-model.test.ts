import { expect, test } from "vitest";
import { LanguageModel } from "./language-model.js";

const DRAFT = { prompt: "What is a run?", seed: 5 };
const { signal } = new AbortController();

test("what the model writes is the answer, and taken up in the middle it is the rest of it", async () => {
  const model = new LanguageModel({ rate: Infinity });
  const write = async (pieces: readonly string[]) => {
    const written: string[] = [];
    for await (const piece of model.write(model.begin(DRAFT, pieces), signal)) written.push(piece);
    return written;
  };
  const whole = await write([]);
  expect(whole.length).toBeGreaterThan(100);
  expect(await write(whole.slice(0, 60))).toEqual(whole.slice(60));
});

test("it writes no faster than its pace", async () => {
  const model = new LanguageModel({ rate: 100 });
  const pieces = model.write(model.begin(DRAFT), signal);
  const began = performance.now();
  for (let n = 0; n < 10; n++) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await pieces.next();
  }
  expect(performance.now() - began).toBeGreaterThan(90);
});

test("it stops in the middle of a pause when its signal is aborted", async () => {
  const model = new LanguageModel({ rate: 0.001 });
  const abort = new AbortController();
  const next = model.write(model.begin(DRAFT), abort.signal).next();
  abort.abort();
  await expect(next).rejects.toThrow("aborted");
});
