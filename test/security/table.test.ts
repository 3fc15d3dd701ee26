import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../../scripts/process.mjs";

const document = readFileSync(join(root, "SECURITY.md"), "utf8");

/** What the numbered tests and groups of tests say, by their number. */
function titles(): Map<number, string[]> {
  const here = join(root, "test/security");
  const sources = readdirSync(here)
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => readFileSync(join(here, name), "utf8"));
  const found = new Map<number, string[]>();
  // What stands for the values of a table comes last.
  const pattern = /"security (?<number>\d+): (?<says>(?:\\.|[^"\n])+?)(?:: %\w)?",/g;
  for (const { groups } of sources.flatMap((source) => [...source.matchAll(pattern)])) {
    const number = Number(groups!["number"]);
    found.set(number, [...(found.get(number) ?? []), groups!["says"]!]);
  }
  return found;
}

/** The first two cells of each numbered row. */
const rows = [...document.matchAll(/^\| +(\d+) +\| (.+?) +\|$/gm)].map(
  ([, number, says]) => [Number(number), says!] as const,
);

test("SECURITY.md has a row for each attack, in order", () => {
  expect(rows.map(([number]) => number)).toEqual(Array.from({ length: 28 }, (_, n) => n + 1));
  expect([...titles().keys()].toSorted((a, b) => a - b)).toEqual(rows.map(([number]) => number));
});

test.each(rows)("row %i says what a test asserts, in the same words", (number, says) => {
  expect(titles().get(number)).toContain(says);
});

test("the links of SECURITY.md lead somewhere", () => {
  const links = [...document.matchAll(/\]\((?!https?:)([^)#\s]+)/g)].map((match) => match[1]!);
  expect(links.length).toBeGreaterThan(0);
  expect(links.filter((link) => !existsSync(join(root, link)))).toEqual([]);
});
