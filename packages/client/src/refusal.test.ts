import { describe, expect, it, vi } from "vitest";
import { settled } from "../test/listening.js";
import { script } from "../test/on-a-fake-clock.js";
import { startPeer, type Visit } from "../test/peer.js";
import { connect, type SseClientError } from "./index.js";

/** The error that a client ends with which is answered so. */
async function refusedBy(answer: (visit: Visit) => void): Promise<SseClientError> {
  const peer = await startPeer(answer);
  const client = connect(peer.url);
  const error = await settled(client);
  expect(client.state).toBe("closed");
  expect(client.error).toBe(error);
  expect(peer.visits.all).toHaveLength(1);
  return error as SseClientError;
}

describe("an answer that refuses", () => {
  it.each([400, 401, 403, 404, 406, 410, 418])(
    "with %i ends the client at once",
    async (status) => {
      const body = '{"message":"No tea."}';
      const error = await refusedBy((visit) =>
        visit.answer(status, { "content-type": "application/json" }, body),
      );
      expect(error).toMatchObject({
        code: "ERR_REFUSED",
        status,
        body,
        message: expect.stringMatching(
          new RegExp(`^http://127.0.0.1:\\d+/stream: answered ${status}$`),
        ),
      });
    },
  );

  it("has no body and no type to tell where there are none", async () => {
    const error = await refusedBy((visit) => visit.answer(404));
    expect(error).toMatchObject({ code: "ERR_REFUSED", status: 404, body: "" });
    expect(error.message).toMatch(/answered 404$/);
  });

  it("has a body that is told up to 64 KiB, and a longer one is not read", async () => {
    const short = "x".repeat(65_536);
    expect((await refusedBy((visit) => visit.answer(403, {}, short))).body).toBe(short);
    const long = await refusedBy((visit) => visit.answer(403, {}, `${short}x`));
    expect(long).toMatchObject({ code: "ERR_REFUSED", status: 403 });
    expect(long.body).toBeUndefined();
  });

  it("is not waited for where its body has no end", async () => {
    const gone: Promise<unknown>[] = [];
    const error = await refusedBy((visit) => {
      gone.push(visit.gone);
      visit.response.writeHead(403).write("and so on");
    });
    expect(error).toMatchObject({ code: "ERR_REFUSED", status: 403 });
    expect(error.body).toBeUndefined();
    await gone[0];
  });

  it.each([
    ["text/html", ERR("text/html")],
    ["application/json", ERR("application/json")],
    ["text/event-streams", ERR("text/event-streams")],
    [undefined, ERR("no type")],
  ])("with a 200 and the type %s is no stream", async (type, message) => {
    const headers = type === undefined ? {} : { "content-type": type };
    const error = await refusedBy((visit) => visit.answer(200, headers, "<p>"));
    expect(error).toMatchObject({ code: "ERR_NOT_A_STREAM", status: 200, body: "<p>" });
    expect(error.message).toMatch(message);
  });

  it.each(["text/event-stream", "text/event-stream;charset=utf-8", "Text/Event-Stream ; x=y"])(
    "is none where its type is %s",
    async (type) => {
      const peer = await startPeer((visit) => visit.open("data: 1\n\n", { "content-type": type }));
      const client = connect(peer.url);
      void settled(client);
      for await (const { data } of client) {
        expect(data).toBe(1);
        break;
      }
    },
  );
});

function ERR(type: string): RegExp {
  return new RegExp(`answered 200 and ${type}, not text/event-stream$`);
}

describe("an answer that may be another one the next time", () => {
  it.each([408, 425, 429, 500, 502, 503, 504])(
    "%i is waited out, and tells what it said",
    async (status) => {
      const { calls, states, client } = script();
      (await calls.next()).answer(status, { "content-length": "4" }, "busy");
      await vi.advanceTimersByTimeAsync(0);
      expect(client.error).toMatchObject({
        code: "ERR_UNAVAILABLE",
        status,
        body: "busy",
      });
      expect(client.error?.retryAfter).toBeUndefined();
      await vi.advanceTimersByTimeAsync(1_000);
      expect(calls.all).toHaveLength(2);
      expect(states.all).toEqual(["connecting", "waiting ERR_UNAVAILABLE 1000", "connecting"]);
    },
  );

  it.each([
    ["in seconds", "120"],
    ["as a date", "Thu, 01 Jan 2026 00:02:00 GMT"],
  ])("429 and 503 say %s how long to wait at least", async (_name, retryAfter) => {
    const { calls, states, client } = script();
    for (const status of [429, 503]) {
      vi.setSystemTime("2026-01-01T00:00:00Z");
      (await calls.next()).answer(status, { "retry-after": retryAfter });
      await vi.advanceTimersByTimeAsync(0);
      expect(client.error).toMatchObject({ code: "ERR_UNAVAILABLE", status, retryAfter: 120_000 });
      const attempts = calls.all.length;
      await vi.advanceTimersByTimeAsync(120_000 + 15_000 - 1);
      expect(calls.all).toHaveLength(attempts);
      await vi.advanceTimersByTimeAsync(1);
      expect(calls.all).toHaveLength(attempts + 1);
    }
    expect(states.all).toContain("waiting ERR_UNAVAILABLE 135000");
  });

  it.each(["0", "-5", "soon", "", "Thu, 01 Jan 1998 00:00:00 GMT"])(
    "says nothing by `Retry-After: %s`",
    async (retryAfter) => {
      const { calls, client, states } = script();
      (await calls.next()).answer(503, { "retry-after": retryAfter });
      await vi.advanceTimersByTimeAsync(0);
      expect(client.error?.retryAfter).toBeUndefined();
      expect(states.all.at(-1)).toBe("waiting ERR_UNAVAILABLE 1000");
    },
  );

  it("is final where the stream is not to be opened again", async () => {
    const peer = await startPeer((visit) => visit.answer(503, { "retry-after": "3" }, "busy"));
    const error = await settled(connect(peer.url, { body: { q: 1 } }));
    expect(error).toMatchObject({
      code: "ERR_UNAVAILABLE",
      status: 503,
      retryAfter: 3_000,
      body: "busy",
    });
  });
});
