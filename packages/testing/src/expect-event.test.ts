import "reflect-metadata";
import { AssertionError } from "node:assert";
import { Controller, HttpError, Sse, type SseEvents, SseStream } from "@sluice/core";
import { sluice } from "@sluice/fastify";
import Fastify from "fastify";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  expectEnd,
  expectEvent,
  type ExpectedEvent,
  type SseTestClient,
  type SseTestOptions,
  testSse,
} from "./index.js";

@Controller("expected")
class ExpectedController {
  @Sse("trip")
  *trip() {
    yield { event: "stop", id: "1", data: { at: "Graz", tracks: [1, 2], open: null } };
    yield { event: "stop", id: "2", data: { at: "Linz", tracks: [3], open: { from: 6, to: 22 } } };
    yield { event: "note", data: "42" };
    yield { event: "note", data: "not JSON" };
  }

  @Sse("waiting")
  waiting() {
    const stream = new SseStream();
    stream.sendComment("wait");
    return stream;
  }

  @Sse("many")
  async *many(): SseEvents<{ n: number }> {
    for (let n = 0; n < 30; n++) yield { event: "n", data: n };
    yield { event: "n", data: 1e300 };
    await new Promise(() => {});
  }

  @Sse("cut")
  *cut() {
    yield "only";
    throw new Error("no more");
  }

  @Sse("failed")
  *failed() {
    yield "only";
    throw new HttpError(410, "gone");
  }

  @Sse("refused")
  refused(): never {
    throw new HttpError(401, "no");
  }
}

async function open(path: string, options?: SseTestOptions): Promise<SseTestClient> {
  const app = Fastify({ logger: { level: "fatal" } });
  await app.register(sluice, { controllers: [ExpectedController], drainWindow: 20 });
  const client = await testSse(app, `/expected/${path}`, options);
  onTestFinished(async () => {
    await client.disconnect();
    await app.close();
  });
  return client;
}

/** The error of an expectation that is not met. */
async function failure(promise: Promise<unknown>): Promise<AssertionError> {
  const error: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(AssertionError);
  return error as AssertionError;
}

describe("expectEvent", () => {
  it("passes over what comes before, and gives the event", async () => {
    const client = await open("trip");
    const event = await expectEvent(client, { json: { at: "Linz" } });
    expect(event).toMatchObject({ event: "stop", id: "2" });
    expect(client.lastEventId).toBe("2");
  });

  it.each<[string, ExpectedEvent, string | undefined]>([
    ["its name", "note", "42"],
    ["its id", { id: "2" }, '{"at":"Linz","tracks":[3],"open":{"from":6,"to":22}}'],
    ["having no id", { event: "note", id: undefined }, "42"],
    ["its text", { data: "not JSON" }, "not JSON"],
    ["text that is no JSON", { json: "not JSON" }, "not JSON"],
    ["text that reads as JSON", { event: "note", data: "42" }, "42"],
    ["the value of such a text", { event: "note", json: 42 }, "42"],
    ["a part of a part", { json: { open: { to: 22 } } }, expect.stringContaining("Linz") as string],
    ["null", { json: { open: null } }, expect.stringContaining("Graz") as string],
    ["a whole array", { json: { tracks: [3] } }, expect.stringContaining("Linz") as string],
    [
      "matchers of the test runner, wherever they are",
      {
        id: expect.any(String),
        json: { tracks: expect.arrayContaining([2]), at: expect.any(String) },
      },
      expect.stringContaining("Graz") as string,
    ],
    [
      "a matcher for all of it",
      { json: expect.objectContaining({ at: "Linz" }) },
      expect.stringContaining("Linz") as string,
    ],
  ])("finds an event by %s", async (_, expected, data) => {
    const client = await open("trip");
    expect((await expectEvent(client, expected)).data).toEqual(data);
  });

  it.each<[string, ExpectedEvent]>([
    ["a string for a number", { event: "note", json: "42" }],
    ["fewer elements", { json: { tracks: [1] } }],
    ["more elements", { json: { tracks: [3, 4] } }],
    ["an object for an array", { json: { tracks: {} } }],
    ["an object for null", { json: { at: "Graz", open: {} } }],
    ["an object for a string", { event: "note", json: {} }],
    ["a member that is not there", { json: { at: "Linz", via: undefined, tracks: [1] } }],
    ["a matcher that says no", { json: { at: expect.any(Number) } }],
  ])("takes no event for another: %s", async (_, expected) => {
    const client = await open("trip");
    const { message } = await failure(expectEvent(client, expected));
    expect(message).toContain("came before the stream ended. Instead came:\n  stop");
  });

  it("tells what came instead, and how the nearest of it differs", async () => {
    const client = await open("trip");
    const error = await failure(
      expectEvent(client, {
        event: "stop",
        json: { at: "Wels", tracks: expect.any(Array), open: { from: 6, to: 23 } },
      }),
    );
    expect(error.message).toBe(
      [
        "No event { event: 'stop', json: { at: 'Wels', tracks: Any<Array>, open: { from: 6, to: 23 } } } came before the stream ended. Instead came:",
        '  stop {"at":"Graz","tracks":[1,2],"open":null} (id 1)',
        '  stop {"at":"Linz","tracks":[3],"open":{"from":6,"to":22}} (id 2)',
        "  note 42",
        "  note not JSON",
        '  sluice.end {"outcome":"done"} (id 2#end)',
      ].join("\n"),
    );
    expect(error.actual).toEqual({
      event: "stop",
      json: { at: "Linz", tracks: expect.any(Array), open: { from: 6, to: 22 } },
    });
    expect(error.expected).toMatchObject({ event: "stop", json: { at: "Wels" } });
  });

  it("shows a duck-typed matcher as it is", async () => {
    const client = await open("trip");
    const never = { asymmetricMatch: () => false };
    const { message } = await failure(expectEvent(client, { json: { at: [never] } }));
    expect(message).toContain("json: { at: [ { asymmetricMatch: [Function: asymmetricMatch] } ] }");
  });

  it("fails in time where nothing comes, and shows what did", async () => {
    const client = await open("waiting");
    const { message } = await failure(expectEvent(client, "tick", { timeout: 20 }));
    expect(message).toBe(
      `No event { event: 'tick' } came within 20 ms. No other came. Received so far: ": wait\\n"`,
    );
  });

  it("fails in time where others come", async () => {
    const client = await open("many", { timeout: 100 });
    const error = await failure(expectEvent(client, { json: -1 }));
    expect(error.message).toContain(
      "within 100 ms. Instead came, after 11 others:\n  n 11\n  n 12\n",
    );
    expect(error.actual).toEqual({ json: 1e300 });
  });

  it("leaves what comes after to the next wait", async () => {
    const client = await open("many");
    await expectEvent(client, { json: 3 });
    expect((await client.next()).json).toBe(4);
  });

  it("tells of an answer that is no event stream", async () => {
    const client = await open("refused");
    await expect(expectEvent(client, "tick")).rejects.toMatchObject({ code: "ERR_NOT_A_STREAM" });
  });
});

describe("expectEnd", () => {
  it("gives the event that tells the end", async () => {
    const client = await open("trip");
    await client.take(4);
    expect((await expectEnd(client)).json.outcome).toBe("done");
    expect(client.isComplete).toBe(true);
  });

  it("takes an outcome", async () => {
    const client = await open("failed");
    await client.next();
    await expectEnd(client, { outcome: "failed" });
    const other = await open("failed");
    await other.next();
    const error = await failure(expectEnd(other));
    expect(error.message).toBe(
      'The next event is not the end (done) but sluice.end {"outcome":"failed"} (id #end).',
    );
    expect([error.actual, error.expected]).toEqual([
      { event: "sluice.end", json: { outcome: "failed" } },
      { event: "sluice.end", json: { outcome: "done" } },
    ]);
  });

  it("fails when anything else comes first", async () => {
    const client = await open("trip");
    const { message } = await failure(expectEnd(client));
    expect(message).toMatch(/^The next event is not the end \(done\) but stop .*Graz.*\(id 1\)\.$/);
  });

  it("fails when the stream is cut, so that a browser would come back", async () => {
    const client = await open("cut");
    await client.next();
    const { message } = await failure(expectEnd(client));
    expect(message).toBe(
      'The stream did not tell that it is complete before the stream ended. Received so far: "data: only\\n\\n"',
    );
  });

  it("fails in time when the stream goes on", async () => {
    const client = await open("waiting");
    const { message } = await failure(expectEnd(client, { timeout: 20 }));
    expect(message).toContain("did not tell that it is complete within 20 ms.");
  });
});
