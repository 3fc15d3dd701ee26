import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, expect, it } from "vitest";

type Report = Record<string, { readonly growth: number; readonly produced: number }>;

let report: Report;

// A process of its own, so that nothing else is in its memory.
beforeAll(async () => {
  const path = fileURLToPath(new URL("../test/fixtures/memory-server.mjs", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", path]);
  report = JSON.parse(stdout) as Report;
});

it.each(["generator", "sync"])(
  "C5: a generator (%s) whose client reads nothing stops, and takes less than 1 MB",
  (name) => {
    const { growth, produced } = report[name]!;
    // What the system's own buffers take.
    expect(produced).toBeLessThan(16_000_000);
    expect(growth).toBeLessThan(1_000_000);
  },
);

it("C7: 200 MB sent to a client that reads nothing take no more than the stream's bound and 2 MB", () => {
  const { growth, produced } = report["stream"]!;
  expect(produced).toBe(200_000_000);
  expect(growth).toBeLessThan(1_048_576 + 2_000_000);
});
