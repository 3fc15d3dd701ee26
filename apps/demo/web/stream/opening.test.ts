import { afterEach, describe, expect, test, vi } from "vitest";
import { Opening } from "./opening.js";

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Stands for the server: a stream whose head says when it was opened, and what it answers about the connection. */
function server(about: () => Promise<Response>, opened: readonly (string | undefined)[] = []) {
  const asked = vi.fn<(url: string) => Promise<Response>>(about);
  vi.stubGlobal("fetch", asked);
  const times = opened[Symbol.iterator]();
  const stream = async () => {
    const at = times.next().value;
    return Promise.resolve(
      new Response("", at === undefined ? {} : { headers: { "x-opened": at } }),
    );
  };
  return { asked, stream };
}

const unknown = async () => Promise.resolve(new Response("{}", { status: 404 }));

describe("which events were replayed", () => {
  test("those that were published before the connection was opened, which its head says", async () => {
    const { asked, stream } = server(unknown, ["100"]);
    const opening = new Opening("h");
    expect(opening.isReplayed(99)).toBeUndefined();
    await opening.watch(stream)("/room");
    expect(asked).not.toHaveBeenCalled();
    expect([99, 100, 101].map((at) => opening.isReplayed(at))).toEqual([true, false, false]);
  });

  test("each connection has a time of its own", async () => {
    const { stream } = server(unknown, ["100", "200", undefined]);
    const opening = new Opening("h");
    const fetch = opening.watch(stream);
    await fetch("/room");
    expect(opening.isReplayed(150)).toBe(false);
    await fetch("/room");
    expect(opening.isReplayed(150)).toBe(true);
    await fetch("/room");
    expect(opening.isReplayed(150)).toBeUndefined();
  });

  test("a connection that another tab has opened is asked about", async () => {
    const { asked } = server(async () => Promise.resolve(Response.json({ opened: 100 })));
    const opening = new Opening("h");
    expect(opening.isKnown).toBe(false);
    await opening.ask();
    expect(asked.mock.calls[0]?.[0]).toBe("/connections/h");
    expect(opening.isReplayed(99)).toBe(true);
    opening.forget();
    expect(opening.isReplayed(99)).toBeUndefined();
  });

  test.each([
    ["does not know the connection", unknown],
    ["does not answer", async () => Promise.reject(new TypeError("failed"))],
  ])("where the server %s, nothing is claimed", async (_, about) => {
    server(about);
    const opening = new Opening("h");
    await opening.ask();
    expect(opening.isReplayed(50)).toBeUndefined();
  });

  test("a refusal is handed over, and opens nothing", async () => {
    server(unknown);
    const opening = new Opening("h");
    const refusal = async () =>
      Promise.resolve(new Response("", { status: 401, headers: { "x-opened": "1" } }));
    expect((await opening.watch(refusal)("/room")).status).toBe(401);
    expect(opening.isKnown).toBe(false);
  });
});
