import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

it("is marked as code for the client in the built file, so that a server component may render it", () => {
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), "sluice-react-"));
  try {
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const project = join(root, "packages/react/tsconfig.json");
    const build = ["-p", project, "--outDir", folder, "--composite", "false"];
    const { stdout } = spawnSync(
      process.execPath,
      [tsc, ...build, "--incremental", "false", "--tsBuildInfoFile", "null", "--noCheck"],
      { encoding: "utf8" },
    );
    expect(stdout).toBe("");
    expect(readFileSync(join(folder, "use-sse.js"), "utf8")).toMatch(/^"use client";\n/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
