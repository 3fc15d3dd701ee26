import { describe, expect, test } from "vitest";
import { proseOf } from "./prose.js";

describe("proseOf", () => {
  test("keeps sentences, over the ends of lines, and items of lists", () => {
    const markdown = `
A stream ends when its
source does. Nothing else ends it here.

- One item says this much.
- Another one says something else.
1. A third one is numbered here.
`;
    expect(proseOf(markdown)).toEqual([
      "A stream ends when its source does.",
      "Nothing else ends it here.",
      "One item says this much.",
      "Another one says something else.",
      "A third one is numbered here.",
    ]);
  });

  test("leaves out headings, code, tables, comments and where links lead", () => {
    const markdown = `
# A heading that ends in a full stop.

\`\`\`ts
const code = "This is no sentence of prose.";
\`\`\`

<!-- This is a comment of the author. -->

| Column one here. | Column two here. |
| ---------------- | ---------------- |

[guide]: https://example.org/ Some title of it.

What is left is this sentence.
`;
    expect(proseOf(markdown)).toEqual(["What is left is this sentence."]);
  });

  test("keeps what is marked, without the marks", () => {
    expect(proseOf("**Read** the [`id`](ids.md) of *every* event that [comes][1].")).toEqual([
      "Read the id of every event that comes.",
    ]);
  });

  test("leaves out what is in parentheses, and sentences that are made of code or lead to some", () => {
    const markdown = `The text (all of it) stays where it was.

Write \`a = { now: true }\` before you do that.

A last sentence leads to this:`;
    expect(proseOf(markdown)).toEqual(["The text stays where it was."]);
  });
});
