import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { SLUICE_ERROR_CODES, SluiceError } from "./index.js";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

it("documents every code of SluiceError in the README's table, and no other", () => {
  const table = readme.split("## Error codes")[1]!.split("\n## ")[0]!;
  const documented = [...table.matchAll(/^\| `(ERR_\w+)` +\|/gm)].map((match) => match[1]!);
  expect(documented.toSorted()).toEqual([...SLUICE_ERROR_CODES].toSorted());
});

it("carries its code and its cause, and a status only where one was given", () => {
  const cause = new Error("why");
  const error = new SluiceError("ERR_OPTION", "what", { cause });
  expect(error).toMatchObject({ name: "SluiceError", code: "ERR_OPTION", message: "what", cause });
  expect(error).toBeInstanceOf(Error);
  expect("statusCode" in error).toBe(false);
  expect("cause" in new SluiceError("ERR_OPTION", "what")).toBe(false);
  expect(new SluiceError("ERR_OPTION", "what", { statusCode: 503 }).statusCode).toBe(503);
});
