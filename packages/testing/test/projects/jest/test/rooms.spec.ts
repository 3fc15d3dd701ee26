import "reflect-metadata";
import { afterEach, beforeEach, expect, it, jest } from "@jest/globals";
import type { EventsOf } from "@sluice/core";
import { sluice } from "@sluice/fastify";
import { expectEnd, expectEvent, testSse } from "@sluice/testing";
import { matchers } from "@sluice/testing/jest";
import Fastify, { type FastifyInstance } from "fastify";
import { RoomsController } from "../src/rooms-controller.js";

expect.extend(matchers);

let app: FastifyInstance;
beforeEach(async () => {
  app = Fastify();
  await app.register(sluice, { controllers: [RoomsController] });
});
afterEach(async () => {
  jest.useRealTimers();
  await app.close();
});

const advance = () => jest.advanceTimersToNextTimerAsync();

it("counts down, and goes on where the client left", async () => {
  type Events = EventsOf<RoomsController["countdown"]>;
  await using client = await testSse<Events>(app, "/rooms/countdown");
  const { json } = await client.next("tick");
  const { n }: { n: number } = json;
  expect(n).toBe(3);

  await client.reconnect();
  expect(await client.next()).toBeEvent({ event: "tick", id: "2", json: { n: 2 } });
  await expectEvent(client, { event: "tick", json: { n: expect.any(Number) } });
  expect(client).not.toHaveCompleted();
  await expectEnd(client);
  expect(client).toHaveCompleted();
});

it("reports once a day", async () => {
  jest.useFakeTimers({ doNotFake: ["nextTick", "queueMicrotask", "setInterval"] });
  type Events = EventsOf<RoomsController["reports"]>;
  await using client = await testSse<Events>(app, "/rooms/reports", { advance });
  const report = await expectEvent(client, { event: "report", json: { day: 2 } });
  expect(report.json.day).toBe(2);
  expect((await client.rest()).map(({ event }) => event)).toEqual(["report", "sluice.end"]);
});

it("is kept alive after fifteen seconds", async () => {
  jest.useFakeTimers({ doNotFake: ["nextTick", "queueMicrotask"] });
  const before = Date.now();
  await using client = await testSse(app, "/rooms/quiet", { advance });
  expect(await client.next()).toBeEvent({ event: "note", data: "nothing for an hour" });
  await client.until(() => client.comments.includes("keep-alive"));
  expect(Date.now() - before).toBeLessThanOrEqual(15_000);
  await expectEnd(client);
  expect(Date.now() - before).toBeGreaterThanOrEqual(3_600_000);
});
