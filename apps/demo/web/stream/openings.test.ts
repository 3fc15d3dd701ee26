import { afterEach, describe, expect, test, vi } from "vitest";
import { Openings, publishedAt } from "./openings.js";
import type { ReceivedEvent } from "./state.js";

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Stands for the server, which answers when the test wants it to. */
function server() {
  const answers: ((response: Response) => void)[] = [];
  const asked = vi.fn<(url: string) => Promise<Response>>(
    async () => new Promise((resolve) => answers.push(resolve)),
  );
  vi.stubGlobal("fetch", asked);
  return {
    asked,
    answer: (index: number, opened: number) => answers[index]!(Response.json({ opened })),
    fail: (index: number) => answers[index]!(new Response("{}", { status: 404 })),
  };
}

function openings() {
  const delivered: ReceivedEvent[] = [];
  return {
    delivered,
    openings: new Openings("h", (event) => delivered.push(event)),
    told: () => delivered.map(({ lastEventId, replayed }) => [lastEventId, replayed]),
  };
}

const event = (id: string, at?: number): ReceivedEvent => ({
  name: "message",
  data: JSON.stringify({ at }),
  lastEventId: id,
});

describe("which events were replayed", () => {
  test("those that were published before the connection was opened, by the server's clock", async () => {
    const { answer, asked } = server();
    const { openings: stream, told, delivered } = openings();
    stream.onState("open");
    expect(asked).toHaveBeenCalledWith("/connections/h");
    stream.onEvent(event("1", 99));
    stream.onEvent(event("2", 100));
    stream.onEvent(event("3"));
    expect(delivered).toEqual([]);
    answer(0, 100);
    await expect.poll(() => delivered.length).toBe(3);
    stream.onEvent(event("4", 50));
    expect(told()).toEqual([
      ["1", true],
      ["2", false],
      ["3", undefined],
      ["4", true],
    ]);
  });

  test("a connection that is lost before the answer leaves it open, and an old answer counts no more", async () => {
    const { answer } = server();
    const { openings: stream, told, delivered } = openings();
    stream.onState("open");
    stream.onEvent(event("1", 50));
    stream.onState("reconnecting");
    expect(told()).toEqual([["1", undefined]]);
    stream.onState("open");
    stream.onEvent(event("2", 150));
    answer(0, 100);
    answer(1, 200);
    await expect.poll(() => delivered.length).toBe(2);
    expect(told()[1]).toEqual(["2", true]);
  });

  test("where the server does not know the connection, nothing is claimed", async () => {
    const { fail } = server();
    const { openings: stream, told, delivered } = openings();
    stream.onState("open");
    stream.onEvent(event("1", 50));
    fail(0);
    await expect.poll(() => delivered.length).toBe(1);
    expect(told()).toEqual([["1", undefined]]);
  });

  test.each([
    ['{"at":5}', 5],
    ['{"at":"5"}', undefined],
    ["5", undefined],
    ["null", undefined],
    ["plain text", undefined],
  ])("the time in %s is %s", (data, at) => {
    expect(publishedAt(data)).toBe(at);
  });
});
