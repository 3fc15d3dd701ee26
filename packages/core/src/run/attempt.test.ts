import { expect, it } from "vitest";
import { isFirst, mayFollow, nameAttempt } from "./attempt.js";
import { readRunOptions } from "./run-options.js";

it("counts the attempts of a key in their names, and one whose name is not ours as the first", () => {
  const settings = readRunOptions("test", { key: () => "", restart: "on-error", maxAttempts: 3 });
  const names: string[] = [];
  for (let after: string | undefined; names.length < 3; after = names.at(-1))
    names.push(nameAttempt(after));
  expect(names.map((name) => name.split(".")[0])).toEqual(["1", "2", "3"]);
  expect(names.map(isFirst)).toEqual([true, false, false]);
  expect(names.map((name) => mayFollow(name, settings))).toEqual([true, true, false]);
  for (const name of ["", "one", "9e107d9d-372b-4b6c-8d3a-1e5b0c7a9f11"])
    expect(isFirst(name)).toBe(true);
});
