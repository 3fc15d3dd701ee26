import { expect, it } from "vitest";
import { malformedRequests } from "./malformed.js";

it("what is no request is refused, and disturbs nobody", async () => {
  const report = await malformedRequests(200, 20_26);
  expect(report).toMatchObject({
    wrong: [],
    lost: 0,
    doubled: 0,
    stayed: true,
    leaked: [],
    rejections: [],
  });
  expect(report.requests).toBeGreaterThan(400);
}, 60_000);
