import { describe, expect, it } from "vitest";
import type { Results } from "../results/results.js";
import { summarise } from "../results/summary.js";
import { schedule } from "../run/schedule.js";
import { seeded } from "../statistics/random.js";
import { subjects } from "../subjects.js";
import { targets } from "../targets.js";
import type { Workload } from "../workloads/workload.js";
import { workloads } from "../workloads/workloads.js";
import { drawBars } from "./bars.js";
import { drawCurves, ticks } from "./curves.js";
import { page } from "./page.js";
import { printout } from "./printout.js";

/** Results of a whole run, made up. */
function madeUp(seed: number): Results {
  const random = seeded(seed);
  const names = subjects.map(({ name }) => name);
  const steps = schedule({ workloads, subjects: names }, random);
  return {
    environment: {
      date: "2026-11-30",
      commits: ["0123456789"],
      processor: "a <fast> processor",
      cores: 2,
      memory: 8,
      kernel: "Linux 6",
      node: "20.20.2",
      load: 0.1,
      versions: { hono: "4.13.19" },
    },
    quick: false,
    interrupted: false,
    measurements: steps.map((step) => {
      const { columns } = workloads.find(({ id }) => id === step.workload)!;
      const base = 1 + names.indexOf(step.subject);
      const figures = columns.map(({ key }) => [key, base * (1 + random() / 10)] as const);
      const checks = {
        clientBusy: 0.4,
        serverBusy: 0.8,
        lost: 0,
        doubled: 0,
        disordered: 0,
        heads: 1,
      };
      return { ...step, values: { ...Object.fromEntries(figures), ...checks } };
    }),
    failures: [
      {
        workload: "one",
        point: 0,
        subject: "transmit",
        round: 0,
        kind: "failed",
        reason: "a | bar",
      },
    ],
  };
}

const results = madeUp(1);
const text = page(results, "../../apps/bench/README.md");

function plot(workload: Workload, of: Results): string {
  const groups = workload.points.map((_, point) => summarise(workload, point, of));
  return workload.plot === "curves" ? drawCurves(workload, groups) : drawBars(groups[0]!);
}

const TAG = /<(\/?)([a-z]+)(?:\s+[a-zA-Z-]+="[^"<]*")*\s*(\/?)>/g;

/** Whether every tag of an SVG is closed in its place, and nothing is there that had to be escaped. */
function isWellFormed(svg: string): boolean {
  const open: string[] = [];
  for (const [, slash, name = "", empty] of svg.matchAll(TAG)) {
    if (empty === "/") continue;
    if (slash === "") open.push(name);
    else if (open.pop() !== name) return false;
  }
  const rest = svg.replace(TAG, "");
  return open.length === 0 && !/[<>]|&(?!amp;|lt;|gt;)/.test(rest);
}

describe("the page", () => {
  it("is the same for the same results", () => {
    expect(page(madeUp(1), "x.md")).toBe(page(madeUp(1), "x.md"));
  });

  it("has a section and a plot for each workload", () => {
    for (const { id, title, plot } of workloads) {
      expect(text).toContain(`### ${title}\n\n\`${id}\`: `);
      expect(text.includes(`](${id}.svg)`)).toBe(plot !== "none");
    }
  });

  it("has tables whose rows have as many cells as their heads", () => {
    const tables = text.match(/(?:^\|.*\n)+/gm) ?? [];
    expect(tables.length).toBeGreaterThan(workloads.length);
    for (const table of tables) {
      const widths = table
        .trim()
        .split("\n")
        .map((row) => row.split(/(?<!\\)\|/).length);
      expect(new Set(widths).size).toBe(1);
    }
  });

  it("holds no figure that could not be reckoned", () => {
    expect(text).not.toMatch(/NaN|Infinity|undefined|null/);
  });

  it("says how often targets are met, and which versions were measured", () => {
    expect(text).toMatch(/^Of \d+ targets \d+ pass/m);
    expect(text).toContain("hono 4.13.19");
    expect(text).toContain("| processor");
  });

  it("says who is measured more gently, who is left out and why", () => {
    expect(text).toContain("tRPC, because it takes long: 1 generator, 20,000 events each");
    expect(text).toContain("Without tRPC: one burst would take it 17 s.");
    expect(text).toContain("Transmit could not be measured in `one`: a | bar");
  });

  it("says of a quick run, and of one that was interrupted, that it is no whole one", () => {
    expect(text).not.toContain("**This");
    expect(page({ ...results, quick: true }, "x.md")).toContain("**This was a quick run");
    expect(page({ ...results, interrupted: true }, "x.md")).toContain("was interrupted");
  });

  it("says of a server that sends no head, and of one that loses events, what it does", () => {
    const measurements = results.measurements.map((measurement) =>
      measurement.subject === "h3"
        ? { ...measurement, values: { ...measurement.values, heads: 0, lost: 1 } }
        : measurement,
    );
    const told = page({ ...results, measurements }, "x.md");
    expect(told).toContain("- h3 sends the head with the first event");
    expect(told).toMatch(/- h3: \d+ events lost, doubled or in disorder in `fan-1000`/);
  });

  it("is a page even of a run in which little was measured", () => {
    const few = results.measurements.filter(({ workload }) => workload === "replay");
    const short = page({ ...results, measurements: few }, "x.md");
    expect(short).toContain("### Coming back for 10,000 events");
    expect(short).not.toContain("### Latency");
    expect(page({ ...results, measurements: [] }, "x.md")).toContain(
      `${targets.length} are not measured`,
    );
  });
});

describe("the plots", () => {
  it.each(workloads.filter(({ plot }) => plot !== "none"))("$id is well-formed", (workload) => {
    const svg = plot(workload, results);
    expect(isWellFormed(svg)).toBe(true);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    for (const { subject } of summarise(workload, 0, results).rows) {
      expect(svg).toContain(`>${subject.label}</text>`);
    }
  });

  it.each(workloads.filter(({ plot }) => plot !== "none"))("$id is the same again", (workload) => {
    expect(plot(workload, madeUp(1))).toBe(plot(workload, results));
  });

  it("draws a subject that took nothing, and one that is alone", () => {
    const [first] = workloads;
    const alone = results.measurements
      .filter(({ workload, subject }) => workload === first!.id && subject === "sluice")
      .map((measurement) => ({ ...measurement, values: { ...measurement.values, cpu: 0 } }));
    const svg = plot(first!, { ...results, measurements: alone });
    expect(isWellFormed(svg)).toBe(true);
    expect(svg).not.toContain("NaN");
  });
});

describe("ticks", () => {
  it("are round, and more where there would be few", () => {
    expect(ticks(0.9, 60)).toEqual([1, 2, 5, 10, 20, 50]);
    expect(ticks(4, 32)).toEqual([5, 7, 10, 20, 30]);
  });
});

describe("the printout", () => {
  it("has each subject's figure, and how it compares", () => {
    expect(printout(results)).toMatch(/^fan-1000: CPU a delivery, us\n {2}Sluice +\d/m);
    expect(printout(results)).toMatch(/ {2}NestJS .*\d × Sluice$/m);
    expect(printout(results)).toMatch(/^curve-connections at 10,000: /m);
  });
});
