import { readFileSync } from "node:fs";
import { testSse } from "@sluice/testing";
import { expect, it } from "vitest";
import { serve } from "../test/streams.js";
import { recordSpans } from "../test/telemetry.js";
import { METRICS, SPAN_EVENTS } from "./conventions.js";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** The rows of the table with such a first column, without the code marks. */
function table(column: string): string[][] {
  const lines = readme.split("\n");
  const head = lines.findIndex((line) => line.startsWith(`| ${column} `));
  const rows = lines.slice(head + 2);
  const end = rows.findIndex((line) => !line.startsWith("|"));
  return rows.slice(0, end).map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.replaceAll("`", "").trim()),
  );
}

it("Q5: the README's table of metrics is what is recorded", () => {
  const rows = table("Metric").map((row) => row.slice(0, 4));
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
  const rows = table("Attribute").map(([name]) => name);
  expect(new Set(rows)).toEqual(new Set(Object.keys(span.attributes)));
});

it("Q5: the README's table of span events has all of them", () => {
  expect(table("Event").map(([name]) => name)).toEqual(Object.values(SPAN_EVENTS));
});
