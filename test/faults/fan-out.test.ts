import { expect, it } from "vitest";
import { fanOut } from "./fan-out.js";

it("H1: each of many clients of a channel gets each event once, in order, with its id", async () => {
  const report = await fanOut(300, 40, 1);
  expect(report).toMatchObject({ lost: 0, doubled: 0, strange: 0, leaked: [] });
  expect(report.costs.map(({ kind, burst }) => `${kind} ${burst}`)).toEqual([
    "sluice 1",
    "sluice 10",
    "bare 1",
    "bare 10",
  ]);
}, 60_000);
