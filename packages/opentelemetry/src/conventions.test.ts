import { DataPointType, type MetricData } from "@opentelemetry/sdk-metrics";
import { testSse } from "@sluice/testing";
import { expect, it } from "vitest";
import { serveWords } from "../../fastify/test/runs.js";
import { serve } from "../test/streams.js";
import { expectValue, recordMetrics } from "../test/telemetry.js";
import { type MetricDescription, METRICS, SCOPE } from "./conventions.js";

it("Q5: every metric is exported as it is described, with these attributes and no others", async () => {
  const metrics = recordMetrics();
  const { app, channels } = await serve({ stuckAfter: 10, principal: () => "alice" });
  const channel = channels.get<{ tick: number }>("ticks");
  const { id } = await channel.publish({ event: "tick", data: 1 });
  await channel.publish({ event: "tick", data: 2 });
  const resumed = await testSse(app, "/streams/channel", { lastEventId: id });
  await resumed.next();
  await resumed.disconnect();
  await (await testSse(app, "/streams/channel", { lastEventId: "unknown" })).next();
  for (const path of ["single", "single", "drops"]) await testSse(app, `/streams/${path}`);
  for (const path of ["fails", "flood"]) await (await testSse(app, `/streams/${path}`)).rest();
  const stage = await serveWords();
  const answer = await stage.post("a");
  const part = await stage.part();
  part.say("one");
  await answer.next();
  part.fail();
  await answer.rest();
  const deaf = await testSse(app, "/streams/deaf");
  await deaf.next();
  await deaf.disconnect();
  await expectValue(metrics, "sluice.server.stuck_producers", 1, {
    "sluice.route": "Streams.deaf",
  });

  const described: readonly MetricDescription[] = Object.values(METRICS);
  const byName = (one: { readonly name: string }, other: { readonly name: string }): number =>
    one.name < other.name ? -1 : 1;
  const exported = await metrics.collect();
  expect(exported.map(describe).toSorted(byName)).toEqual(
    described
      .map(({ name, kind, unit, description, attributes, boundaries }) => ({
        name,
        kind,
        unit,
        description,
        attributes: attributes.toSorted(),
        boundaries,
      }))
      .toSorted(byName),
  );
});

it("Q5: the metrics' scope is this package, in its version", async () => {
  const { default: manifest } = await import("../package.json", { with: { type: "json" } });
  expect(SCOPE).toEqual({ name: manifest.name, version: manifest.version });
});

/** A metric as it was exported, in the words of the description. */
function describe(metric: MetricData): Omit<MetricDescription, "attributes" | "boundaries"> & {
  readonly attributes: readonly string[];
  readonly boundaries: readonly number[] | undefined;
} {
  const { name, unit, description } = metric.descriptor;
  const attributes = new Set(metric.dataPoints.flatMap((point) => Object.keys(point.attributes)));
  const isHistogram = metric.dataPointType === DataPointType.HISTOGRAM;
  const isSum = metric.dataPointType === DataPointType.SUM;
  const sum = isSum && metric.isMonotonic ? "Counter" : "UpDownCounter";
  return {
    name,
    kind: isHistogram ? "Histogram" : sum,
    unit,
    description,
    attributes: [...attributes].toSorted(),
    boundaries: isHistogram ? metric.dataPoints[0]!.value.buckets.boundaries : undefined,
  };
}
