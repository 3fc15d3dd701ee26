import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { PROGRAM } from "../test/program.js";

const folder = fileURLToPath(new URL("..", import.meta.url));

test("the package has the program and all that it loads", () => {
  const args = ["pack", "--dry-run", "--json", "--ignore-scripts", "--loglevel=silent"];
  const [pack] = JSON.parse(execFileSync("npm", args, { cwd: folder, encoding: "utf8" })) as [
    { files: { path: string }[] },
  ];
  const files = pack.files.map(({ path }) => path);
  expect(files).toEqual(
    expect.arrayContaining(["bin/sluice.js", "dist/main.js", "dist/index.js", "README.md"]),
  );
  expect(files.filter((path) => /\.test\.|tsbuildinfo/.test(path))).toEqual([]);
});

test("the program is executable, through the link that npm makes of it", () => {
  const bin = mkdtempSync(join(tmpdir(), "sluice-bin-"));
  onTestFinished(() => rmSync(bin, { recursive: true }));
  symlinkSync(PROGRAM, join(bin, "sluice"));
  expect(readFileSync(PROGRAM, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
  expect(statSync(PROGRAM).mode & 0o111).toBe(0o111);
  const { status, stdout } = spawnSync(join(bin, "sluice"), ["--version"], { encoding: "utf8" });
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    version: string;
  };
  expect([status, stdout]).toEqual([0, `${version}\n`]);
});
