import { connect } from "node:net";
import type { AddressInfo } from "node:net";
import { testSse } from "@sluice/testing";
import { expect, it, onTestFinished, vi } from "vitest";
import { FLOOD, serve } from "../test/streams.js";
import {
  expectHistogram,
  expectValue,
  instrument,
  Metrics,
  recordMetrics,
} from "../test/telemetry.js";

const at = (handler: string) => ({ "sluice.route": `Streams.${handler}` });

it("Q5: open connections are counted up and down, by handler", async () => {
  const metrics = recordMetrics();
  const { app } = await serve();
  const one = await testSse(app, "/streams/open");
  await testSse(app, "/streams/open");
  await testSse(app, "/streams/channel");
  await expectValue(metrics, "sluice.server.active_connections", 2, at("open"));
  await expectValue(metrics, "sluice.server.active_connections", 1, at("channel"));
  await one.disconnect();
  await expectValue(metrics, "sluice.server.active_connections", 1, at("open"));
  await app.close();
  await expectValue(metrics, "sluice.server.active_connections", 0, at("open"));
  await expectValue(metrics, "sluice.server.active_connections", 0, at("channel"));
});

it("Q5: a connection that was open before is not counted down, and its duration is recorded", async () => {
  const { app } = await serve();
  const before = await testSse(app, "/streams/open");
  const metrics = recordMetrics();
  await testSse(app, "/streams/open");
  await before.disconnect();
  await expectHistogram(metrics, "sluice.server.connection.duration", 1, {
    ...at("open"),
    "sluice.close.reason": "client",
  });
  await expectValue(metrics, "sluice.server.active_connections", 1, at("open"));
});

it("Q5: the duration of a connection is recorded in seconds with the reason, and an error as one", async () => {
  const metrics = recordMetrics();
  const { app } = await serve();
  const name = "sluice.server.connection.duration";
  const began = performance.now();
  await (await testSse(app, "/streams/count")).rest();
  await (await testSse(app, "/streams/fails")).rest();
  const open = await testSse(app, "/streams/open");
  await open.disconnect();
  const complete = await expectHistogram(metrics, name, 1, {
    ...at("count"),
    "sluice.close.reason": "complete",
  });
  await expectHistogram(metrics, name, 1, { ...at("open"), "sluice.close.reason": "client" });
  await expectHistogram(metrics, name, 1, {
    ...at("fails"),
    "sluice.close.reason": "error",
    "error.type": "_OTHER",
  });
  expect(complete).toBeGreaterThan(0);
  expect(complete).toBeLessThanOrEqual((performance.now() - began) / 1_000);
});

it("Q5: the time to the first event is recorded in seconds, once a connection", async () => {
  const metrics = recordMetrics();
  const { app } = await serve();
  const name = "sluice.server.connection.time_to_first_event";
  const began = performance.now();
  await (await testSse(app, "/streams/count")).rest();
  await (await testSse(app, "/streams/count")).rest();
  const sum = await expectHistogram(metrics, name, 2, at("count"));
  expect(sum).toBeGreaterThan(0);
  expect(sum).toBeLessThanOrEqual((performance.now() - began) / 1_000);
  expect(await metrics.points(name)).toHaveLength(1);
});

it("Q5: events and bytes are counted as they are sent, once for each client", async () => {
  const metrics = recordMetrics();
  const { app, channels } = await serve();
  const clients = [
    await testSse(app, "/streams/channel"),
    await testSse(app, "/streams/channel"),
  ] as const;
  await vi.waitFor(async () =>
    expect(await metrics.points("sluice.server.active_connections")).toMatchObject([{ value: 2 }]),
  );
  await channels.get<{ tick: number }>("ticks").publish({ event: "tick", data: 1 });
  for (const client of clients) expect((await client.next()).data).toBe("1");
  const [{ raw }] = clients;
  const [events] = await metrics.points("sluice.server.sent_events");
  const [bytes] = await metrics.points("sluice.server.network.io");
  // Each was told its position when it joined, which is an event on the wire.
  const sent = raw.match(/^data/gm)!.length;
  expect(events).toMatchObject({ attributes: at("channel"), value: 2 * sent });
  expect(bytes?.attributes).toEqual({ ...at("channel"), "network.io.direction": "transmit" });
  expect(bytes?.value).toBe(2 * Buffer.byteLength(raw));
});

it("Q5: drops, replays and resets are counted, and the length of a replay when it is over", async () => {
  const metrics = recordMetrics();
  const { app, channels } = await serve();
  const channel = channels.get<{ tick: number }>("ticks");
  const { id } = await channel.publish({ event: "tick", data: 0 });
  for (let n = 1; n <= 3; n++) await channel.publish({ event: "tick", data: n });
  const missed = await testSse(app, "/streams/channel", { lastEventId: id });
  await missed.take(3);
  await expectValue(metrics, "sluice.server.replayed_events", 3, at("channel"));
  await missed.disconnect();
  const sum = await expectHistogram(
    metrics,
    "sluice.server.connection.replay.length",
    1,
    at("channel"),
  );
  expect(sum).toBe(3);

  const stranger = await testSse(app, "/streams/channel", { lastEventId: "unknown" });
  expect((await stranger.next()).event).toBe("sluice.reset");
  await expectValue(metrics, "sluice.server.resets", 1, at("channel"));

  await testSse(app, "/streams/drops");
  await expectValue(metrics, "sluice.server.dropped_events", 3, at("drops"));
});

it("Q5: refusals are counted by limit, and are no connections", async () => {
  const metrics = recordMetrics();
  const { app } = await serve({ limits: { total: 2 } });
  await testSse(app, "/streams/single");
  expect((await testSse(app, "/streams/single")).status).toBe(503);
  await testSse(app, "/streams/open");
  expect((await testSse(app, "/streams/open")).status).toBe(503);
  const name = "sluice.server.refused_connections";
  await expectValue(metrics, name, 1, { ...at("single"), "sluice.limit": "route" });
  await expectValue(metrics, name, 1, { ...at("open"), "sluice.limit": "total" });
  await expectValue(metrics, "sluice.server.active_connections", 1, at("open"));
});

it("Q5: how long a client was behind is recorded when it has taken all", async () => {
  const metrics = recordMetrics();
  const { app } = await serve();
  const began = performance.now();
  const client = await testSse(app, "/streams/flood", { timeout: 15_000 });
  client.pause();
  const sentEvents = async (): Promise<number> =>
    Number((await metrics.points("sluice.server.sent_events"))[0]?.value);
  await vi.waitFor(async () => expect(await sentEvents()).toBeGreaterThan(0));
  client.resume();
  await client.rest();
  expect(client.isComplete).toBe(true);
  const points = await metrics.points("sluice.server.connection.lag");
  expect(points).toMatchObject([{ attributes: at("flood") }]);
  const { count, sum } = points[0]!.value as { count: number; sum: number };
  expect(count).toBeGreaterThan(0);
  expect(sum).toBeGreaterThan(0);
  expect(sum).toBeLessThanOrEqual((performance.now() - began) / 1_000);
});

it("Q5: a source that still runs long after its connection closed is counted", async () => {
  const metrics = recordMetrics();
  const { app } = await serve({ stuckAfter: 10 });
  const client = await testSse(app, "/streams/deaf");
  await client.next();
  await client.disconnect();
  await expectValue(metrics, "sluice.server.stuck_producers", 1, at("deaf"));
});

it("Q5: two providers get everything, each", async () => {
  const metrics = [new Metrics(), new Metrics()] as const;
  for (const { provider } of metrics) instrument({ meterProvider: provider, spans: false });
  const { app } = await serve();
  await (await testSse(app, "/streams/count")).rest();
  for (const each of metrics) {
    await expectValue(each, "sluice.server.sent_events", 2, at("count"));
    await expectHistogram(each, "sluice.server.connection.time_to_first_event", 1, at("count"));
  }
});

it("Q5: a client that is cut off in the middle counts for what was sent, and closes once", async () => {
  const metrics = recordMetrics();
  const { app } = await serve();
  await app.listen({ host: "127.0.0.1", port: 0 });
  const socket = connect((app.server.address() as AddressInfo).port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.write("GET /streams/flood HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n");
  await new Promise((resolve) => socket.once("data", resolve));
  socket.resetAndDestroy();
  await expectHistogram(metrics, "sluice.server.connection.duration", 1, {
    ...at("flood"),
    "sluice.close.reason": "client",
  });
  const [{ value } = { value: 0 }] = await metrics.points("sluice.server.sent_events");
  expect(value).toBeGreaterThan(0);
  expect(value).toBeLessThan(FLOOD.events);
});
