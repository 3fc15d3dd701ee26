import { expect, test } from "vitest";
import { latencyOf, parsePath } from "./latency.js";

const NOW = Date.UTC(2025, 0, 1);

test.each([
  ["data.at", JSON.stringify({ at: NOW - 5 }), 5],
  ["data.at", JSON.stringify({ at: NOW + 5 }), -5],
  ["data.at", JSON.stringify({ at: new Date(NOW - 5).toISOString() }), 5],
  ["data.meta.sent", JSON.stringify({ meta: { sent: NOW - 5 } }), 5],
  ["data.1", JSON.stringify([0, NOW - 5]), 5],
  ["data", String(NOW - 5), 5],
  ["data", new Date(NOW - 5).toISOString(), 5],
  ["data.at", JSON.stringify({ at: "soon" }), undefined],
  ["data.at", JSON.stringify({ at: null }), undefined],
  ["data.at", JSON.stringify({}), undefined],
  ["data.toString", JSON.stringify({}), undefined],
  ["data.at.more", JSON.stringify({ at: 1 }), undefined],
  ["data.at", "text", undefined],
  ["data.at", "null", undefined],
])("%s of %s: %s", (path, data, latency) => {
  expect(latencyOf(data, parsePath(path), NOW)).toBe(latency);
});
