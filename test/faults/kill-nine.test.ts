import { expect, it } from "vitest";
import { killNine } from "./kill-nine.js";

it("H6: a server that is killed while it publishes loses nothing that was acknowledged", async () => {
  const report = await killNine(3, 6, 20_26);
  expect(report).toMatchObject({ lost: 0, doubled: 0, disordered: 0, resets: [], descriptors: 0 });
  expect(report.acknowledged).toBeGreaterThan(100);
}, 60_000);
