import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { compile } from "./compile.js";
import { noCompiler } from "./no-compiler.js";

const folder = mkdtempSync(join(tmpdir(), "sluice-compile-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("compiling", () => {
  test("says what to do where there is no compiler", async () => {
    await expect(compile("load", { compiler: join(folder, "none") })).rejects.toThrow(
      /there is no compiler .*none: install one .*build-essential.* or set CC to its path/,
    );
  });

  test("tells what the compiler says, and leaves no program behind", async () => {
    const compiler = join(folder, "broken");
    writeFileSync(compiler, '#!/bin/sh\necho "that is no C" >&2\nexit 1\n', { mode: 0o755 });
    await expect(compile("floor", { compiler })).rejects.toThrow(/could not compile.*that is no C/);
    await expect(compile("floor", { compiler })).rejects.toThrow(/could not compile/);
  });

  test.skipIf(noCompiler)("is done once for the same sources", async () => {
    const [first, again, other] = await Promise.all([
      compile("floor"),
      compile("floor"),
      compile("load"),
    ]);
    expect(existsSync(first)).toBe(true);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });
});
