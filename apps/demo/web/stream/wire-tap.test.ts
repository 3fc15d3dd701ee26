import { afterEach, describe, expect, test, vi } from "vitest";
import { isStream, tapped } from "./wire-tap.js";

const URL = "http://localhost/room?name=Ada";
const STREAM = { headers: { "content-type": "text/event-stream" } };

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Stands for the server. */
function answers(response: Response): void {
  vi.stubGlobal("fetch", async () => Promise.resolve(response));
}

function tap() {
  const shown: string[] = [];
  const fetch = tapped({
    onRequest: (line) => shown.push(`> ${line}`),
    onResponse: (line) => shown.push(`< ${line}`),
    onHeadEnd: () => shown.push("head ends"),
    onLine: (line) => shown.push(line),
  });
  return { shown, fetch };
}

describe("a fetch whose wire is shown", () => {
  test("shows the request, the head and the lines, and leaves the bytes as they are", async () => {
    const text = "id: 1\ndata: ä\n\ndata: b\n\n";
    answers(new Response(text, STREAM));
    const { shown, fetch } = tap();
    const response = await fetch(URL, {
      method: "POST",
      headers: { "last-event-id": "7", accept: "text/event-stream" },
      body: "{}",
    });
    expect(isStream(response)).toBe(true);
    expect(await response.text()).toBe(text);
    expect(shown).toEqual([
      "> POST /room?name=Ada",
      "> Content-Type: text/plain;charset=UTF-8",
      "> Last-Event-ID: 7",
      "> {}",
      "< HTTP 200",
      "< content-type: text/event-stream",
      "head ends",
      "id: 1",
      "data: ä",
      "",
      "data: b",
      "",
    ]);
  });

  test("reads no further than whoever made the request", async () => {
    let pulls = 0;
    const endless = new ReadableStream<Uint8Array>(
      { pull: (controller) => controller.enqueue(new TextEncoder().encode(`: ${++pulls}\n`)) },
      { highWaterMark: 0 },
    );
    answers(new Response(endless, STREAM));
    const { shown, fetch } = tap();
    const reader = (await fetch(URL)).body!.getReader();
    await reader.read();
    await reader.read();
    const lines = shown.filter((line) => line.startsWith(":"));
    expect(lines).toEqual([": 1", ": 2"]);
    // One more may be on its way through the tap.
    expect(pulls).toBeLessThanOrEqual(3);
    await reader.cancel();
  });

  test("shows the whole of an answer that is no stream, which can still be read", async () => {
    answers(Response.json({ message: "Who are you?" }, { status: 401 }));
    const { shown, fetch } = tap();
    const response = await fetch(URL);
    expect(isStream(response)).toBe(false);
    expect(await response.json()).toEqual({ message: "Who are you?" });
    expect(shown.slice(1)).toEqual([
      "< HTTP 401",
      "< content-type: application/json",
      '< {"message":"Who are you?"}',
    ]);
  });

  test("hands over an answer without a body", async () => {
    answers(new Response(null, { status: 204 }));
    const { shown, fetch } = tap();
    expect((await fetch(URL)).status).toBe(204);
    expect(shown).toEqual(["> GET /room?name=Ada", "< HTTP 204"]);
  });
});
