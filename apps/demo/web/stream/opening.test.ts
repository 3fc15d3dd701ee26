import { afterEach, describe, expect, test, vi } from "vitest";
import { Opening } from "./opening.js";

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Stands for the server: a stream, and what it answers about the connection. */
function server(about: () => Promise<Response>) {
  const asked = vi.fn<(url: string) => Promise<Response>>(about);
  vi.stubGlobal("fetch", asked);
  const stream = async () => Promise.resolve(new Response("", { status: 200 }));
  return { asked, stream };
}

describe("which events were replayed", () => {
  test("those that were published before the connection was opened, which is known before the stream is handed over", async () => {
    const { asked, stream } = server(async () => Promise.resolve(Response.json({ opened: 100 })));
    const opening = new Opening("h");
    expect(opening.isReplayed(99)).toBeUndefined();
    await opening.watch(stream)("/room");
    expect(asked.mock.calls[0]?.[0]).toBe("/connections/h");
    expect([99, 100, 101].map((at) => opening.isReplayed(at))).toEqual([true, false, false]);
  });

  test("each connection is asked about anew", async () => {
    const times = [100, 200];
    const { stream } = server(async () =>
      Promise.resolve(Response.json({ opened: times.shift() })),
    );
    const opening = new Opening("h");
    const fetch = opening.watch(stream);
    await fetch("/room");
    expect(opening.isReplayed(150)).toBe(false);
    await fetch("/room");
    expect(opening.isReplayed(150)).toBe(true);
  });

  test.each([
    [
      "does not know the connection",
      async () => Promise.resolve(new Response("{}", { status: 404 })),
    ],
    ["does not answer", async () => Promise.reject(new TypeError("failed"))],
  ])("where the server %s, nothing is claimed", async (_, about) => {
    const { stream } = server(about);
    const opening = new Opening("h");
    expect((await opening.watch(stream)("/room")).status).toBe(200);
    expect(opening.isReplayed(50)).toBeUndefined();
  });

  test("a connection that another tab has opened is asked about without a stream", async () => {
    server(async () => Promise.resolve(Response.json({ opened: 100 })));
    const opening = new Opening("h");
    expect(opening.isKnown).toBe(false);
    await opening.ask();
    expect(opening.isReplayed(99)).toBe(true);
    opening.forget();
    expect(opening.isReplayed(99)).toBeUndefined();
  });

  test("a refusal is handed over unasked", async () => {
    const { asked } = server(async () => Promise.resolve(Response.json({ opened: 100 })));
    const refusal = async () => Promise.resolve(new Response("", { status: 401 }));
    expect((await new Opening("h").watch(refusal)("/room")).status).toBe(401);
    expect(asked).not.toHaveBeenCalled();
  });
});
