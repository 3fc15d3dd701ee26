// oxlint-disable typescript/no-floating-promises -- the runner itself waits for its tests
import "reflect-metadata";
// oxlint-disable-next-line vitest/no-import-node-test -- the runner of this project
import { afterEach, beforeEach, it } from "node:test";
import { sluice } from "@sluice/fastify";
import { expectEvent, testSse } from "@sluice/testing";
import Fastify, { type FastifyInstance } from "fastify";
import { RoomsController } from "../src/rooms-controller.js";

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
