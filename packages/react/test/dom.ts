import "./window.js";
import { cleanup, configure } from "@testing-library/react";
import { afterEach, beforeEach, vi } from "vitest";

// A busy machine takes its time.
configure({ asyncUtilTimeout: 10_000 });

const complaints: unknown[][] = [];

beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation((...words) => void complaints.push(words));
});

// React's complaints: of updates that no `act` expects, of hydration that finds something else.
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  const [first] = complaints.splice(0);
  if (first !== undefined) throw new Error(`React complained: ${first.map(String).join(" ")}`);
});
