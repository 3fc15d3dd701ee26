import "reflect-metadata";
import { sluice } from "@sluice/fastify";
import { expectEvent, testSse } from "@sluice/testing";
import { matchers } from "@sluice/testing/vitest";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, expect, it } from "vitest";
import { RoomsController } from "../src/rooms-controller.js";

expect.extend(matchers);

let app: FastifyInstance;
beforeEach(async () => {
  app = Fastify();
  await app.register(sluice, { controllers: [RoomsController] });
});
afterEach(() => app.close());

it("fails with what came instead", async () => {
  await using client = await testSse(app, "/rooms/countdown");
  await expectEvent(client, { event: "tick", json: { n: 7 } });
});

it("fails with what a matcher found", async () => {
  await using client = await testSse(app, "/rooms/countdown");
  expect(await client.next()).toBeEvent({ event: "tock", json: { n: expect.any(String) } });
});
