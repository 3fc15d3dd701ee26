import "reflect-metadata";
import { Controller, Sse } from "@sluice/core";
import { sluice } from "@sluice/fastify";
import Fastify from "fastify";
import { expect, it, onTestFinished } from "vitest";
import { ReceivedEvent, testSse } from "./index.js";
import { matchers as ofJest } from "./jest.js";
import { matchers } from "./vitest.js";

expect.extend(matchers);

const tick = new ReceivedEvent("tick", '{"n":1}', "7");

it("Jest and Vitest get the same matchers", () => {
  expect(ofJest).toBe(matchers);
});

it("`toBeEvent` takes a name, or any part of the event", () => {
  expect(tick).toBeEvent("tick");
  expect(tick).toBeEvent({ event: "tick", id: "7", json: { n: 1 } });
  expect(tick).toBeEvent({ json: { n: expect.any(Number) }, id: expect.stringMatching(/^\d$/) });
  expect(tick).not.toBeEvent({ event: "tick", json: { n: 2 } });
});

it("`toBeEvent` shows both", () => {
  expect(() => expect(tick).toBeEvent({ json: { n: 2 } })).toThrow(
    'Expected event: { json: { n: 2 } }\nReceived event: tick {"n":1} (id 7)',
  );
  expect(() => expect(tick).not.toBeEvent("tick")).toThrow(
    "Expected another event than: { event: 'tick' }\nReceived event: tick",
  );
});

it("`toHaveCompleted` tells whether the end was taken", async () => {
  @Controller("short")
  class ShortController {
    @Sse("one")
    *one() {
      yield { id: "1", data: 1 };
    }
  }
  const app = Fastify();
  onTestFinished(() => app.close());
  await app.register(sluice, { controllers: [ShortController] });
  await using client = await testSse(app, "/short/one");
  expect(client).not.toHaveCompleted();
  await client.next();
  expect(() => expect(client).toHaveCompleted()).toThrow(
    "Expected the stream to have told that it is complete. The last id that was taken: 1",
  );
  await client.rest();
  expect(client).toHaveCompleted();
  expect(() => expect(client).not.toHaveCompleted()).toThrow(
    "Expected the stream not to have told that it is complete. The last id that was taken: 1#end",
  );
});

it("a matcher refuses what it is not for, such as a promise that was not awaited", () => {
  expect(() => expect(Promise.resolve(tick)).toBeEvent("tick")).toThrow(
    "toBeEvent is for an event that a client received; a promise of one has to be awaited.",
  );
  expect(() => expect(tick).not.toHaveCompleted()).toThrow(
    "toHaveCompleted is for a client of testSse; a promise of one has to be awaited.",
  );
});
