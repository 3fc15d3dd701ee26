import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { root } from "../../scripts/process.mjs";
import { compileExamples } from "./compile.js";
import { fences, matches, orphans, programs, type Fence } from "./examples.js";

const FOLDER = "node_modules/.cache/docs-examples";

/** Writes a document and gives its path from the root; `'''` stands for a fence. */
function write(text: string): string {
  const path = `${FOLDER}/${crypto.randomUUID()}.md`;
  mkdirSync(join(root, FOLDER), { recursive: true });
  writeFileSync(join(root, path), text.replaceAll("'''", "```"));
  onTestFinished(() => rmSync(join(root, path)));
  return path;
}

test("a printed text matches itself and nothing else, but for three dots", () => {
  expect(matches("a\nb", "a\r\nb\n")).toBe(true);
  expect(matches("a.b", "a-b")).toBe(false);
  expect(matches("Date: ...", "Date: today")).toBe(true);
  expect(matches("Date: ...", "Date: today\nmore")).toBe(false);
  expect(matches("a\n...\nz", "a\nb\nc\nz")).toBe(true);
  expect(matches("a\n...\nz", "a\nb\nc")).toBe(false);
});

test("a program is found with its output and the commands below it", () => {
  const document = write(
    "'''ts run\nlet a;\n'''\n\n'''console\n$ one \\\n  two\nout\n\nput\n$ three\n'''\n\n'''ts\nlet b;\n'''\n\n'''console\n$ four\n'''\n",
  );
  const [program, ...others] = programs(document);
  expect(others).toEqual([]);
  expect(program?.fence.line).toBe(1);
  expect(program?.output).toBeUndefined();
  expect(program?.commands).toEqual([
    { command: "one \\\n  two", output: "out\n\nput\n" },
    { command: "three", output: "" },
  ]);
  expect(orphans(document).map(({ text }) => text)).toEqual(["$ four"]);
});

test("a block is unchecked only where the line before it says why", () => {
  const document = write(
    "<!-- unchecked: it needs a database -->\n\n'''ts\nx\n'''\n\n'''ts\ny\n'''\n\n- list\n\n  '''ts\n  if (a)\n    b();\n  '''\n",
  );
  expect(fences(document).map(({ unchecked }) => unchecked)).toEqual([
    "it needs a database",
    undefined,
    undefined,
  ]);
  expect(fences(document)[2]?.text).toBe("if (a)\n  b();");
});

test("a block that is not closed is refused", () => {
  expect(() => fences(write("'''ts\nx\n"))).toThrow("is not closed");
});

test("the compiler's errors stand at the document's lines, and a module gets no names for nothing", () => {
  const example = (line: number, text: string): Fence => ({
    document: "none.md",
    line,
    language: "ts",
    mark: "",
    text,
    unchecked: undefined,
  });
  const fragment = example(10, "const stream = new SseStream();\nstream.send(1n);");
  const module = example(20, 'import { Sse } from "@sluice/core";\nnew SseStream();\nSse();');
  const methods = example(30, '@Sse("x")\n*x() {\n  yield 1;\n}');
  const { errorsOf } = compileExamples([fragment, module, methods], "docs-compiled");
  expect(errorsOf(fragment)).toEqual([expect.stringContaining("(12,13): error TS2345")]);
  expect(errorsOf(module)).toEqual([expect.stringContaining("(22,5): error TS2304")]);
  expect(errorsOf(methods)).toEqual([]);
});
