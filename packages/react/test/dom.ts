import "./window.js";
import { cleanup } from "@testing-library/react";
import { afterEach, beforeEach, vi } from "vitest";

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
