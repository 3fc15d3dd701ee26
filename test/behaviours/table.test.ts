import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../../scripts/process.mjs";

const here = join(root, "test/behaviours");

/** What each numbered test promises, by its number. */
function promises(): [number: string, promise: string][] {
  const sources = readdirSync(here)
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => readFileSync(join(here, name), "utf8"));
  const titles = /^it\(\s*(?<quote>["'])(?<number>[SB]\d+): (?<promise>(?:\\.|.)+?)\k<quote>,/gm;
  return sources
    .flatMap((source) => [...source.matchAll(titles)])
    .map(({ groups }) => [groups!["number"]!, groups!["promise"]!.replaceAll(/\\(.)/g, "$1")]);
}

/** The first two cells of each numbered row of docs/BEHAVIOURS.md. */
function rows(): [number: string, promise: string][] {
  const text = readFileSync(join(root, "docs/BEHAVIOURS.md"), "utf8");
  return [...text.matchAll(/^\| ([SB]\d+) +\| (.+?) +\| /gm)].map(([, number, promise]) => [
    number!,
    promise!,
  ]);
}

const numbers = (letter: string, last: number): string[] =>
  Array.from({ length: last }, (_, index) => `${letter}${index + 1}`);

test("docs/BEHAVIOURS.md has a row for each behaviour, in order", () => {
  expect(rows().map(([number]) => number)).toEqual([...numbers("S", 20), ...numbers("B", 40)]);
});

test("each row of docs/BEHAVIOURS.md says what one test asserts, in the same words", () => {
  const tests = promises();
  expect(tests).toHaveLength(60);
  expect(Object.fromEntries(rows())).toEqual(Object.fromEntries(tests));
});
