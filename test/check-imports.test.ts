import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findProblems } from "../scripts/check-imports.mjs";

let repository: string;

function write(path: string, content: string | object): void {
  const file = join(repository, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
}

beforeEach(() => {
  repository = mkdtempSync(join(tmpdir(), "sluice-imports-"));
  write("package.json", { name: "all", devDependencies: { vitest: "1" } });
  write("packages/a/package.json", {
    name: "@x/a",
    dependencies: { used: "1" },
    peerDependencies: { "@scope/peer": "1" },
    devDependencies: { helper: "1" },
  });
  write("packages/a/src/index.ts", 'export { used } from "used/deep";');
  write("packages/b/package.json", { name: "@x/b" });
});

afterEach(() => rmSync(repository, { recursive: true }));

test("what a package declares may be imported, and so may its own files and Node's modules", () => {
  write("packages/a/src/fine.ts", 'import "node:fs"; import "./index.js"; import "@scope/peer/x";');
  expect(findProblems(repository)).toEqual([]);
});

test.each([
  ["a statement", 'import x from "other";'],
  ["a type-only statement", 'import type { X } from "other/deep";'],
  ["a re-export", 'export * from "other";'],
  ["a dynamic import", 'await import("other");'],
  ["an import type", 'export type X = import("other").X;'],
  ["a call of require", 'require("other");'],
])("an undeclared package is found in %s", (_, code) => {
  write("packages/a/src/file.ts", code);
  const [problem, ...rest] = findProblems(repository);
  expect(problem).toContain(join("packages/a/src/file.ts"));
  expect(problem).toContain("add other to the dependencies");
  expect(rest).toEqual([]);
});

test("an import that is only written about is none", () => {
  write(
    "packages/a/src/file.ts",
    '/** import x from "other" */ export const s = "import \'other\'";',
  );
  expect(findProblems(repository)).toEqual([]);
});

test("only tests may import development packages and the other packages", () => {
  const code = 'import "helper"; import "vitest"; import "@x/b";';
  write("packages/a/src/file.test.ts", code);
  expect(findProblems(repository)).toEqual([]);
  write("packages/a/src/file.ts", code);
  expect(findProblems(repository)).toHaveLength(3);
});

test("a relative import may not leave its package", () => {
  write("packages/b/src/file.ts", 'import "../../a/src/index.js";');
  expect(findProblems(repository).join()).toContain("leaves the package");
});

test("Node's own modules are written with their prefix", () => {
  write("packages/b/src/file.ts", 'import "fs/promises";');
  expect(findProblems(repository).join()).toContain('write "node:fs/promises"');
});

test("a dependency that nothing imports is found", () => {
  write("packages/b/package.json", { name: "@x/b", dependencies: { idle: "1" } });
  expect(findProblems(repository).join()).toContain('"idle" is a dependency that nothing imports');
});
