import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { highlight } from "./highlight.js";

describe("colouring TypeScript", () => {
  test("no character is lost or added", () => {
    const source = readFileSync(new URL("./highlight.ts", import.meta.url), "utf8");
    expect(
      highlight(source)
        .map(({ text }) => text)
        .join(""),
    ).toBe(source);
  });

  test("each kind is known", () => {
    const kinds = highlight('@Sse("x") class A { n = 10; } // end').filter(
      ({ kind }) => kind !== "plain",
    );
    expect(kinds.map(({ kind, text }) => [kind, text])).toEqual([
      ["decorator", "@Sse"],
      ["string", '"x"'],
      ["keyword", "class"],
      ["type", "A"],
      ["number", "10"],
      ["comment", "// end"],
    ]);
  });

  test("a string may contain what looks like a comment, and a comment a string", () => {
    expect(highlight('"// no"')).toEqual([{ kind: "string", text: '"// no"' }]);
    expect(highlight('/* "no" */')).toEqual([{ kind: "comment", text: '/* "no" */' }]);
  });

  test("a name that contains a keyword is no keyword", () => {
    expect(highlight("format")).toEqual([{ kind: "plain", text: "format" }]);
  });
});
