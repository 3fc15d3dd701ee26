import "../test/dom.js";
import { act, renderHook, waitFor } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { type RoomEvents, type RoomServer, startRoomServer } from "../test/room-server.js";
import { scriptFetch } from "../test/scripted-fetch.js";
import { text, useSse, type UseSseOptions, type UseSseResult } from "./index.js";

type Options = UseSseOptions<RoomEvents>;

/** A room that is open, with the options of the first render. */
async function openRoom(server: RoomServer, first: () => Options) {
  const view = renderHook(
    ({ room, options }: { room: string; options: Options }) =>
      useSse<RoomEvents>(`${server.url}/rooms/${room}`, options),
    { initialProps: { room: "tea", options: first() } },
  );
  await waitFor(() => expect(view.result.current.state).toBe("open"));
  return view;
}

it("keeps the connection when everything inline is written anew", async () => {
  await using server = await startRoomServer();
  const inline = (): Options => ({
    credentials: "include",
    headers: () => ({ authorization: "Bearer 1" }),
    reconnect: { maxDelay: 1_000 },
    parse: { said: (data) => JSON.parse(data) as { n: number } },
    on: { said: () => {} },
    onEvent: () => {},
    onReset: () => {},
  });
  const { result, rerender } = await openRoom(server, inline);
  const { current } = result;
  for (let i = 0; i < 10; i++) rerender({ room: "tea", options: inline() });
  expect(result.current).toBe(current);
  void server.say("tea", 1);
  await waitFor(() => expect(result.current.data).toEqual({ n: 1 }));
  expect(server.requests).toHaveLength(1);
});

it("keeps the connection when a body of the same value is written anew, and asks anew for another", async () => {
  await using server = await startRoomServer();
  const { result, rerender } = renderHook(
    ({ question }) =>
      useSse<{ token: string }, string[]>(new URL("/answer", server.url), {
        method: "POST",
        body: { question },
        parse: { token: text },
        initialValue: [],
        reducer: (tokens, { data }) => [...tokens, data],
      }),
    { initialProps: { question: "who are you" } },
  );
  await waitFor(() => expect(result.current.state).toBe("closed"));
  rerender({ question: "who are you" });
  expect(result.current.data).toEqual(["who", "are", "you"]);

  rerender({ question: "and I" });
  expect(result.current).toMatchObject({ state: "connecting", data: [], events: [] });
  await waitFor(() => expect(result.current.data).toEqual(["and", "I"]));
  expect(server.requests.map(({ body }) => body)).toEqual([
    { question: "who are you" },
    { question: "and I" },
  ]);
});

it("does not compare a form, which would be another one in each render", async () => {
  await using server = await startRoomServer();
  const form = (): FormData => {
    const data = new FormData();
    data.set("question", "who");
    return data;
  };
  const { result, rerender } = renderHook(() =>
    useSse(`${server.url}/rooms/tea`, { method: "POST", body: form() }),
  );
  await waitFor(() => expect(result.current.state).toBe("closed"));
  const { error } = result.current;
  expect(error).toMatchObject({ status: 404 });
  rerender();
  expect(result.current.error).toBe(error);
});

it("follows another stream when the URL changes, and shows nothing of the old one", async () => {
  await using server = await startRoomServer();
  const { result, rerender } = await openRoom(server, () => ({}));
  void server.say("tea", 1);
  await waitFor(() => expect(result.current.data).toEqual({ n: 1 }));

  rerender({ room: "coffee", options: {} });
  expect(result.current).toMatchObject({
    data: undefined,
    events: [],
    state: "connecting",
    lastEventId: "",
  });
  await waitFor(() => expect(result.current.state).toBe("open"));
  void server.say("tea", 2);
  void server.say("coffee", 7);
  await waitFor(() => expect(result.current.data).toEqual({ n: 7 }));
  expect(result.current.events).toHaveLength(1);
  expect(server.requests[1]?.headers["last-event-id"]).toBeUndefined();
  await waitFor(() => expect(server.room("tea").subscribers).toBe(0));
});

it("follows another stream when the key changes", async () => {
  await using server = await startRoomServer();
  const { result, rerender } = await openRoom(server, () => ({ key: "ann" }));
  void server.say("tea", 1);
  await waitFor(() => expect(result.current.data).toEqual({ n: 1 }));
  rerender({ room: "tea", options: { key: "bob" } });
  expect(result.current).toMatchObject({ data: undefined, state: "connecting" });
  await waitFor(() => expect(result.current.state).toBe("open"));
  expect(server.requests).toHaveLength(2);
  await waitFor(() => expect(server.connections.count()).toBe(1));
});

it("asks for the headers of the latest render before each attempt", async () => {
  await using server = await startRoomServer();
  const { result, rerender } = await openRoom(server, () => ({ headers: { "x-token": "one" } }));
  rerender({ room: "tea", options: { headers: async () => ({ "x-token": "two" }) } });
  act(() => result.current.reconnect());
  await waitFor(() => expect(result.current.state).toBe("open"));
  rerender({ room: "tea", options: { headers: () => ({ "x-token": "three" }) } });
  server.connections.close(() => true);
  await waitFor(() => expect(server.requests).toHaveLength(3));
  await waitFor(() => expect(result.current.state).toBe("open"));
  expect(server.requests.map(({ headers }) => headers["x-token"])).toEqual(["one", "two", "three"]);
});

it("is idle without a URL, and opens nothing", async () => {
  await using server = await startRoomServer();
  const { result, rerender } = renderHook(
    ({ room }: { room: string | null }) =>
      useSse<RoomEvents>(room === null ? null : `${server.url}/rooms/${room}`),
    { initialProps: { room: null as string | null } },
  );
  expect(result.current).toMatchObject({ state: "idle", data: undefined, events: [] });

  rerender({ room: "tea" });
  expect(result.current.state).toBe("connecting");
  await waitFor(() => expect(result.current.state).toBe("open"));
  void server.say("tea", 1);
  await waitFor(() => expect(result.current.data).toEqual({ n: 1 }));

  rerender({ room: null });
  expect(result.current).toMatchObject({ state: "idle", data: undefined, events: [] });
  await waitFor(() => expect(server.connections.count()).toBe(0));
  expect(server.requests).toHaveLength(1);
});

it("is idle while it is not enabled, keeps what came, and goes on from there", async () => {
  await using server = await startRoomServer();
  const { result, rerender } = await openRoom(server, () => ({}));
  void server.say("tea", 1);
  await waitFor(() => expect(result.current.data).toEqual({ n: 1 }));

  rerender({ room: "tea", options: { enabled: false } });
  expect(result.current).toMatchObject({ state: "idle", data: { n: 1 } });
  await waitFor(() => expect(server.connections.count()).toBe(0));
  void server.say("tea", 2, 2);

  rerender({ room: "tea", options: { enabled: true } });
  expect(result.current).toMatchObject({ state: "connecting", data: { n: 1 } });
  await waitFor(() => expect(result.current.data).toEqual({ n: 3 }));
  expect(result.current.events.map(({ data }) => data)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
});

it("has no error while it is idle, from its first render on", async () => {
  await using server = await startRoomServer();
  const seen: UseSseResult<RoomEvents>[] = [];
  const { rerender } = renderHook(
    ({ enabled }) => seen.push(useSse<RoomEvents>(`${server.url}/rooms/tea`, { enabled })),
    { initialProps: { enabled: true } },
  );
  await waitFor(() => expect(seen.at(-1)?.state).toBe("open"));
  server.connections.close(() => true, { retry: "10s" });
  await waitFor(() => expect(seen.at(-1)?.error?.code).toBe("ERR_DISCONNECTED"));
  rerender({ enabled: false });
  const idle = seen.filter(({ state }) => state === "idle");
  expect(idle.length).toBeGreaterThan(0);
  expect(idle.map(({ error, retryAt }) => [error, retryAt])).toEqual(
    idle.map(() => [undefined, undefined]),
  );
});

it("goes on from the position that the server told last, which is no event", async () => {
  const script = scriptFetch();
  const { result, rerender } = renderHook(
    ({ enabled }) => useSse<{ n: number }>("http://x/", { enabled, fetch: script.fetch }),
    { initialProps: { enabled: true } },
  );
  await waitFor(() => expect(result.current.state).toBe("open"));
  script.send("event: n\ndata: 1\n\nevent: sluice.position\nid: 41\ndata: {}\n\n");
  await waitFor(() => expect(result.current.data).toBe(1));
  rerender({ enabled: false });
  rerender({ enabled: true });
  expect(result.current).toMatchObject({ data: 1, lastEventId: "41" });
  await waitFor(() => expect(result.current.state).toBe("open"));
  expect(script.lastEventId).toBe("41");
});

it("opens nothing when it is never enabled, not even when it is told to reconnect", async () => {
  await using server = await startRoomServer();
  const fetch = vi.fn<typeof globalThis.fetch>(globalThis.fetch);
  const { result, rerender } = renderHook(
    ({ enabled }) => useSse<RoomEvents>(`${server.url}/rooms/tea`, { enabled, fetch }),
    { initialProps: { enabled: false } },
  );
  act(() => result.current.reconnect());
  expect(result.current.state).toBe("idle");
  act(() => result.current.close());
  expect(result.current.state).toBe("closed");
  act(() => result.current.reconnect());
  expect(result.current.state).toBe("idle");
  expect(fetch).not.toHaveBeenCalled();

  rerender({ enabled: true });
  await waitFor(() => expect(result.current.state).toBe("open"));
  expect(fetch).toHaveBeenCalledTimes(1);
});
