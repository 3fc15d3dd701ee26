// oxlint-disable typescript/no-floating-promises -- the runner itself waits for its tests
import "reflect-metadata";
import assert from "node:assert/strict";
import { syncBuiltinESMExports } from "node:module";
// oxlint-disable-next-line vitest/no-import-node-test -- the runner of this project
import { afterEach, beforeEach, it, mock } from "node:test";
import type { EventsOf } from "@sluice/core";
import { sluice } from "@sluice/fastify";
import { expectEnd, expectEvent, testSse } from "@sluice/testing";
import Fastify, { type FastifyInstance } from "fastify";
import { RoomsController } from "../src/rooms-controller.js";

let app: FastifyInstance;
beforeEach(async () => {
  app = Fastify();
  await app.register(sluice, { controllers: [RoomsController] });
});
afterEach(async () => {
  mock.timers.reset();
  syncBuiltinESMExports();
  await app.close();
});

it("counts down, and goes on where the client left", async () => {
  type Events = EventsOf<RoomsController["countdown"]>;
  await using client = await testSse<Events>(app, "/rooms/countdown");
  const { json } = await client.next("tick");
  const { n }: { n: number } = json;
  assert.equal(n, 3);

  await client.reconnect();
  await expectEvent(client, { event: "tick", id: "2", json: { n: 2 } });
  await expectEvent(client, {
    event: "tick",
    json: { n: { asymmetricMatch: (n) => n === 1 } },
  });
  await expectEnd(client);
});

it("reports once a day", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  syncBuiltinESMExports();
  const advance = () => mock.timers.tick(3_600_000);
  type Events = EventsOf<RoomsController["reports"]>;
  await using client = await testSse<Events>(app, "/rooms/reports", { advance });
  const report = await expectEvent(client, { event: "report", json: { day: 2 } });
  assert.equal(report.json.day, 2);
  const rest = (await client.rest()).map(({ event }) => event);
  assert.deepEqual(rest, ["report", "sluice.end"]);
});

it("is kept alive after fifteen seconds", async () => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  const advance = () => mock.timers.tick(500);
  await using client = await testSse(app, "/rooms/quiet", { advance });
  assert.equal((await client.next()).data, "nothing for an hour");
  await client.until(() => client.comments.includes("keep-alive"));
  assert.ok(Date.now() <= 15_500, String(Date.now()));
  await expectEnd(client);
  assert.ok(Date.now() >= 3_600_000, String(Date.now()));
});
