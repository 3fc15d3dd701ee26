import { hostname } from "node:os";
import { describe, expect, it } from "vitest";
import { differences, merged, observe } from "./environment.js";

const here = observe();

describe("observe", () => {
  it("says what counts, and nothing that names the machine or its paths", () => {
    expect(here.cores).toBeGreaterThan(0);
    expect(here.node).toBe(process.versions.node);
    expect(here.date).toMatch(/^\d{4}-\d\d-\d\d$/);
    const text = JSON.stringify(here);
    expect(text).not.toContain(process.cwd());
    expect(text).not.toContain(`"${hostname()}"`);
  });
});

describe("differences", () => {
  it("names what keeps measurements from standing beside each other", () => {
    const there = { ...here, node: "22.0.0", versions: { hono: "4.0.0" } };
    const earlier = { ...here, versions: { hono: "4.13.19", h3: "2.0.8" } };
    expect(differences(here, here)).toEqual([]);
    expect(differences(earlier, there)).toEqual(["node", "hono"]);
  });

  it("bears another day, another load and other commits", () => {
    expect(differences(here, { ...here, date: "2000-01-01", load: 9, commits: [] })).toEqual([]);
  });
});

describe("merged", () => {
  it("keeps the first day, the commits of both and the larger load", () => {
    const later = { ...here, date: "2030-01-01", commits: ["b"], load: 2 };
    expect(merged({ ...here, date: "2029-01-01", commits: ["a"], load: 1 }, later)).toMatchObject({
      date: "2029-01-01",
      commits: ["a", "b"],
      load: 2,
    });
  });
});
