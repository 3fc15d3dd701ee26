import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { REDIS_ERROR_CODES } from "./index.js";
import { KNOWN_OPTIONS, readOptions } from "./options.js";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** The first two cells of the rows of a table, by what its first column is called and begins with. */
function table(column: string, beginning: string): (readonly [string, string])[] {
  return readme
    .trim()
    .split(/\n\n/)
    .flatMap((block) => {
      const [head = "", , ...rows] = block.split("\n");
      if (!head.startsWith(`| ${column} `) || rows[0]?.startsWith(`| \`${beginning}`) !== true)
        return [];
      return rows.map((row) => {
        const [, name = "", value = ""] = row
          .split("|")
          .map((cell) => cell.replaceAll("`", "").trim());
        return [name, value] as const;
      });
    });
}

it("Q5: the README's table of options has all of them, with their defaults", () => {
  const rows = new Map(table("Option", "url"));
  expect([...rows.keys()]).toEqual(KNOWN_OPTIONS);
  const settings = readOptions({ url: "redis://localhost" });
  expect(rows.get("prefix")).toBe(JSON.stringify(settings.prefix));
  expect(rows.get("maxQueuedBytes")).toBe(settings.maxQueuedBytes.toLocaleString("en"));
  for (const name of [
    "commandTimeout",
    "publishTimeout",
    "checkInterval",
    "forgetAfter",
  ] as const) {
    const written = JSON.parse(rows.get(name)!) as "1s";
    const read = readOptions({ url: "redis://localhost", [name]: written });
    expect(read[name]).toBe(settings[name]);
  }
});

it("Q5: the README's table of errors has all codes", () => {
  const codes = table("Code", "ERR_REDIS").map(([code]) => code);
  expect(codes.toSorted((a, b) => (a < b ? -1 : 1))).toEqual([...REDIS_ERROR_CODES]);
});
