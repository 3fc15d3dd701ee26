import type { FinalRunState } from "@sluice/core";
import { expect, it } from "vitest";
import { serveWords, type Stage } from "../../fastify/test/runs.js";
import {
  expectHistogram,
  expectValue,
  instrument,
  Metrics,
  recordMetrics,
} from "../test/telemetry.js";

const AT = { "sluice.route": "WordsController.words" };
const ACTIVE = "sluice.server.active_runs";
const DURATION = "sluice.server.run.duration";
const EVENTS = "sluice.server.run.events";

it("Q5: runs are counted up and down, whoever listens", async () => {
  const metrics = recordMetrics();
  const stage = await serveWords();
  const one = await stage.post("a");
  await stage.get("a");
  await stage.post("b");
  await expectValue(metrics, ACTIVE, 2, AT);
  await one.disconnect();
  (await stage.part()).end();
  await expectValue(metrics, ACTIVE, 1, AT);
  await stage.app.close();
  await expectValue(metrics, ACTIVE, 0, AT);
});

it("Q5: a run that had started before is not counted down, and its duration is recorded", async () => {
  const stage = await serveWords();
  await stage.post("a");
  const metrics = recordMetrics();
  await stage.post("b");
  await stage.runs.cancel("a");
  await expectHistogram(metrics, DURATION, 1, { ...AT, "sluice.run.state": "cancelled" });
  await expectValue(metrics, ACTIVE, 1, AT);
});

it("Q5: recording that begins again does not count what had started before it", async () => {
  const metrics = new Metrics();
  const options = { meterProvider: metrics.provider, spans: false };
  const stage = await serveWords();
  const first = instrument(options);
  await stage.post("a");
  first.dispose();
  expect(await metrics.points(ACTIVE)).toEqual([]);
  await stage.runs.cancel("a");
  instrument(options);
  await stage.post("b");
  await expectValue(metrics, ACTIVE, 1, AT);
});

const ENDS: readonly [FinalRunState, (stage: Stage) => unknown][] = [
  ["done", async (stage) => (await stage.part()).end()],
  ["failed", async (stage) => (await stage.part()).fail()],
  ["cancelled", (stage) => stage.runs.cancel("a")],
  ["orphaned", () => undefined],
  ["lost", (stage) => stage.app.close()],
];

it.each(ENDS)(
  "Q5: the duration of a run is recorded in seconds with its state: %s",
  async (state, end) => {
    const metrics = recordMetrics();
    const began = Date.now();
    const stage = await serveWords({ run: { orphan: state === "orphaned" ? "50ms" : false } });
    const client = await stage.post("a");
    await client.disconnect();
    await end(stage);
    const failure = state === "failed" ? { "error.type": "_OTHER" } : {};
    const attributes = { ...AT, "sluice.run.state": state, ...failure };
    const sum = await expectHistogram(metrics, DURATION, 1, attributes);
    expect(sum).toBeGreaterThanOrEqual(state === "orphaned" ? 0.04 : 0);
    expect(sum).toBeLessThanOrEqual((Date.now() - began) / 1_000);
  },
);

it("Q5: how many events a run has published is recorded once, however many listen", async () => {
  const metrics = recordMetrics();
  const stage = await serveWords();
  const clients = [await stage.post("a"), await stage.get("a")];
  const part = await stage.part();
  part.say("one", "two", "three");
  part.end();
  for (const client of clients) await client.rest();
  expect(await expectHistogram(metrics, EVENTS, 1, AT)).toBe(3);
});

it("Q5: a run that failed before its first event counts, with no events", async () => {
  const metrics = recordMetrics();
  const stage = await serveWords({ begin: (part) => part.fail() });
  expect((await stage.post("a")).status).toBe(500);
  expect(await expectHistogram(metrics, EVENTS, 1, AT)).toBe(0);
});

it("Q5: runs that are refused are counted by limit, and are no runs", async () => {
  const metrics = recordMetrics();
  const principal = (request: { headers: NodeJS.Dict<string | string[]> }): string =>
    String(request.headers["x-user"]);
  const runs = { maxRuns: 2, maxPerPrincipal: 1 };
  const stage = await serveWords({ plugin: { principal, runs } });
  const as = (user: string) => ({ headers: { "x-user": user } });
  await stage.post("a", as("ann"));
  expect((await stage.post("b", as("ann"))).status).toBe(429);
  await stage.post("a", as("ben"));
  expect((await stage.post("a", as("cid"))).status).toBe(503);
  const name = "sluice.server.refused_connections";
  await expectValue(metrics, name, 1, { ...AT, "sluice.limit": "principal-runs" });
  await expectValue(metrics, name, 1, { ...AT, "sluice.limit": "runs" });
  await expectValue(metrics, ACTIVE, 2, AT);
});
