import { readFileSync } from "node:fs";
import type { CloseReason, FinalRunState } from "@sluice/core";
import { testSse } from "@sluice/testing";
import { expect, expectTypeOf, it } from "vitest";
import type { AnyLimitName } from "../../fastify/src/limits.js";
import { serveWords } from "../../fastify/test/runs.js";
import { serve } from "../test/streams.js";
import { recordSpans } from "../test/telemetry.js";
import { METRICS, SPAN_EVENTS } from "./conventions.js";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** The rows of the first such table below a heading, without the code marks. */
function table(heading: string, column: string): string[][] {
  const lines = readme.split("\n");
  const section = lines.slice(lines.indexOf(heading) + 1);
  const head = section.findIndex((line) => line.startsWith(`| ${column} `));
  const rows = section.slice(head + 2);
  const end = rows.findIndex((line) => !line.startsWith("|"));
  return rows.slice(0, end).map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.replaceAll("`", "").trim()),
  );
}

it("Q5: the README's table of metrics is what is recorded", () => {
  const rows = table("## Metrics", "Metric").map((row) => row.slice(0, 4));
  const metrics = Object.values(METRICS);
  expect(rows).toEqual(
    metrics.map(({ name, kind, unit, attributes }) => [name, kind, unit, attributes.join(", ")]),
  );
});

it("Q5: the README's table of attributes is what a span has", async () => {
  const spans = recordSpans();
  const { app } = await serve();
  // With an event and an error it has them all.
  await (await testSse(app, "/streams/fails")).rest();
  const span = await spans.one();
  const rows = table("## Spans", "Attribute").map(([name]) => name);
  expect(new Set(rows)).toEqual(new Set(Object.keys(span.attributes)));
});

it("Q5: the README's table of a run's attributes is what its span has", async () => {
  const spans = recordSpans();
  const stage = await serveWords({ begin: (part) => part.fail() });
  await stage.post("a");
  const span = await spans.one("run");
  const rows = table("### Spans of runs", "Attribute").map(([name]) => name);
  expect(rows).toEqual(Object.keys(span.attributes));
});

/** What the README's list says of an attribute, up to its first full stop or semicolon. */
function valuesOf(attribute: string): string[] {
  const start = `- \`${attribute}\` is one of `;
  const line = readme.split("\n").find((each) => each.startsWith(start));
  const [list] = line!.slice(start.length).split(/[.;]/);
  return list!.match(/(?<=`)[^`, ]+(?=`)/g) ?? [];
}

it("Q5: the README lists all reasons, states and limits that there are", () => {
  const reasons = [
    "complete",
    "client",
    "error",
    "shutdown",
    "slow-consumer",
    "expired",
    "revoked",
    "timeout",
  ] as const;
  const states = ["done", "failed", "refused", "cancelled", "orphaned", "lost"] as const;
  const limits = ["ip", "principal", "route", "total", "runs", "principal-runs"] as const;
  expectTypeOf<(typeof reasons)[number]>().toEqualTypeOf<CloseReason>();
  expectTypeOf<(typeof states)[number]>().toEqualTypeOf<FinalRunState>();
  expectTypeOf<(typeof limits)[number]>().toEqualTypeOf<AnyLimitName>();
  expect(valuesOf("sluice.close.reason")).toEqual(reasons);
  expect(valuesOf("sluice.run.state")).toEqual(states);
  expect(valuesOf("sluice.limit")).toEqual(limits);
});

it("Q5: the README's table of span events has all of them", () => {
  expect(table("## Spans", "Event").map(([name]) => name)).toEqual(Object.values(SPAN_EVENTS));
});
