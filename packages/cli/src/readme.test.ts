import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { EXIT_CODES } from "./exit-code.js";
import { help } from "./help.js";
import { OPTIONS, type OptionName, synopsis } from "./options.js";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** The first cell of each row of the table below a heading. */
function firstCells(heading: string): string[] {
  const [, rest = ""] = readme.split(`\n## ${heading}\n`);
  const [section = ""] = rest.split(/\n##/);
  const rows = section.split("\n").filter((line) => line.startsWith("| "));
  return rows.slice(2).map((row) =>
    row
      .split(/(?<!\\)\|/)[1]!
      .trim()
      .replaceAll("\\|", "|"),
  );
}

const names = Object.keys(OPTIONS) as OptionName[];

test("the README's table has every option of the program, in its order, and no other", () => {
  expect(firstCells("Options")).toEqual(names.map((name) => `\`${synopsis(name)}\``));
});

test("the README and the help have every exit code", () => {
  const codes = [...Object.values(EXIT_CODES), 130].map(String);
  expect(firstCells("Exit codes")).toEqual(codes);
  const [, section = ""] = help().split("Exit codes:");
  expect([...section.matchAll(/^ +(\d+) /gm)].map(([, code]) => code)).toEqual(codes);
});

test("the help has every option, on lines that fit a terminal", () => {
  for (const name of names) expect(help()).toContain(synopsis(name));
  expect(
    help()
      .split("\n")
      .filter((line) => line.length > 100),
  ).toEqual([]);
});
