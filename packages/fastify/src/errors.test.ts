import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import * as diagnostics from "./diagnostics.js";
import { PLUGIN_ERROR_CODES, SluicePluginError } from "./index.js";
import { readOptions } from "./settings.js";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** The names in the first column of a section's table. */
function documented(section: string): string[] {
  const text = readme.split(`## ${section}\n`)[1]!.split("\n## ")[0]!;
  return [...text.matchAll(/^\| `([\w:-]+)` +\|/gm)].map((match) => match[1]!).toSorted();
}

it("the README lists every code of SluicePluginError, and no other", () => {
  expect(documented("Error codes")).toEqual([...PLUGIN_ERROR_CODES].toSorted());
});

it("the README lists every diagnostics channel, and no other", () => {
  const names = Object.values(diagnostics).map(({ name }) => String(name));
  expect(documented("Diagnostics")).toEqual(names.toSorted());
});

it("the README lists options that exist, with their defaults", () => {
  const settings = readOptions({ controllers: [] });
  expect(documented("Options")).toEqual(
    [
      ...Object.keys(settings),
      "controllers",
      "providers",
      "guards",
      "interceptors",
      "container",
      "channels",
      "runs",
      "nodes",
    ].toSorted(),
  );
  expect(settings).toMatchObject({
    keepAlive: 15_000,
    openWithin: 100,
    onComplete: "stop",
    drainWindow: 5_000,
    stuckAfter: 10_000,
  });
});

it("a SluicePluginError carries its code and its cause", () => {
  const cause = new Error("why");
  const error = new SluicePluginError("ERR_OPTION", "what", { cause });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({
    name: "SluicePluginError",
    code: "ERR_OPTION",
    message: "what",
    cause,
  });
});
