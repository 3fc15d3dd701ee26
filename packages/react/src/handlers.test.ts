import "../test/dom.js";
import { renderHook, waitFor } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { type RoomEvents, startRoomServer } from "../test/room-server.js";
import { numbers, scriptFetch } from "../test/scripted-fetch.js";
import { useSse } from "./index.js";

const RESET = `event: sluice.reset\nid: 9\ndata: {"channels":[],"reason":"unknown"}\n\n`;

it("calls the handlers of the latest render, once for each event", async () => {
  await using server = await startRoomServer();
  const heard: string[] = [];
  const { result, rerender } = renderHook(
    ({ name }) =>
      useSse<RoomEvents>(`${server.url}/rooms/tea`, {
        on: { said: ({ n }, { event }) => heard.push(`${name} ${event} ${n}`) },
        onEvent: ({ event }) => heard.push(`${name} ${event}`),
      }),
    { initialProps: { name: "first" } },
  );
  await waitFor(() => expect(result.current.state).toBe("open"));
  void server.say("tea", 1);
  await waitFor(() => expect(result.current.data).toEqual({ n: 1 }));
  rerender({ name: "second" });
  void server.say("tea", 2);
  void server.room("tea").publish({ event: "left", data: { who: "Ann" } });
  await waitFor(() => expect(result.current.data).toEqual({ who: "Ann" }));
  expect(heard).toEqual([
    "first said 1",
    "first said",
    "second said 2",
    "second said",
    "second left",
  ]);
  expect(server.requests).toHaveLength(1);
});

it("uses the reducer of the latest render", async () => {
  const script = scriptFetch();
  const { result, rerender } = renderHook(
    ({ factor }) =>
      useSse<{ n: number }, number>("http://x/", {
        fetch: script.fetch,
        initialValue: 0,
        reducer: (sum, { data }) => sum + factor * data,
      }),
    { initialProps: { factor: 1 } },
  );
  await waitFor(() => expect(result.current.state).toBe("open"));
  script.send(numbers(5, 1));
  await waitFor(() => expect(result.current.data).toBe(5));
  rerender({ factor: 100 });
  script.send(numbers(5, 1));
  await waitFor(() => expect(result.current.data).toBe(505));
});

it("lets a handler close the stream: the events behind it are not lost to a later connection", async () => {
  const script = scriptFetch();
  const heard: unknown[] = [];
  const { result } = renderHook(() =>
    useSse<{ n: number }>("http://x/", {
      fetch: script.fetch,
      on: { n: (n) => void (n === 3 && result.current.close()) },
      onEvent: ({ data }) => heard.push(data),
    }),
  );
  await waitFor(() => expect(result.current.state).toBe("open"));
  script.send(numbers(1, 5));
  await waitFor(() => expect(result.current.state).toBe("closed"));
  expect(heard).toEqual([1, 2, 3]);
  expect(result.current).toMatchObject({ data: 3, lastEventId: "3" });
});

it("goes on when a handler or the reducer throws, which is an uncaught error", async () => {
  const script = scriptFetch();
  const uncaught: string[] = [];
  const { queueMicrotask } = globalThis;
  vi.stubGlobal("queueMicrotask", (run: () => void) =>
    queueMicrotask(() => {
      try {
        run();
      } catch (error) {
        uncaught.push(String(error));
      }
    }),
  );
  const heard: unknown[] = [];
  const { result } = renderHook(() =>
    useSse<{ n: number }, number>("http://x/", {
      fetch: script.fetch,
      initialValue: 0,
      reducer: (sum, { data }) => (data === 1 ? fail("reducer") : sum + data),
      on: { n: (n) => (n === 2 ? fail("on") : undefined) },
      onEvent: ({ data }) => (data === 3 ? fail("onEvent") : heard.push(data)),
    }),
  );
  await waitFor(() => expect(result.current.state).toBe("open"));
  script.send(numbers(1, 4));
  await waitFor(() => expect(result.current.data).toBe(9));
  expect(result.current.events.map(({ data }) => data)).toEqual([1, 2, 3, 4]);
  expect(heard).toEqual([1, 2, 4]);
  expect(uncaught).toEqual(["Error: reducer", "Error: on", "Error: onEvent"]);
});

it("calls no handler for an event that is named like something that every object has", async () => {
  const script = scriptFetch();
  const heard: unknown[] = [];
  const { result } = renderHook(() =>
    useSse("http://x/", {
      fetch: script.fetch,
      on: { said: () => {} },
      onEvent: ({ event }) => heard.push(event),
    }),
  );
  await waitFor(() => expect(result.current.state).toBe("open"));
  script.send("event: __defineSetter__\ndata: 1\n\nevent: constructor\ndata: 2\n\n");
  await waitFor(() => expect(result.current.data).toBe(2));
  expect(heard).toEqual(["__defineSetter__", "constructor"]);
});

it("H3: tells that events are missing when all before was handled, and takes what that returns as its data", async () => {
  await using server = await startRoomServer({ count: 2 });
  const told: string[] = [];
  const { result, rerender } = renderHook(
    ({ enabled }) =>
      useSse<RoomEvents, number[]>(`${server.url}/rooms/tea`, {
        enabled,
        initialValue: [],
        reducer: (all, { event, data }) => (event === "said" ? [...all, data.n] : all),
        onReset: async ({ reason }) => {
          told.push(reason);
          return [100];
        },
      }),
    { initialProps: { enabled: true } },
  );
  await waitFor(() => expect(result.current.state).toBe("open"));
  void server.say("tea", 1);
  await waitFor(() => expect(result.current.data).toEqual([1]));

  rerender({ enabled: false });
  await waitFor(() => expect(server.connections.count()).toBe(0));
  void server.say("tea", 2, 9);
  rerender({ enabled: true });
  await waitFor(() => expect(result.current.data).toEqual([100]));
  expect(told).toEqual(["trimmed"]);
  void server.say("tea", 11);
  await waitFor(() => expect(result.current.data).toEqual([100, 11]));
});

it("does not take what a reset returns after its connection was left", async () => {
  const script = scriptFetch();
  let finish: ((data: number) => void) | undefined;
  const { result, rerender } = renderHook(
    ({ enabled }) =>
      useSse<{ n: number }, number>("http://x/", {
        fetch: script.fetch,
        enabled,
        initialValue: 0,
        reducer: (sum, { data }) => sum + data,
        onReset: () => new Promise<number>((resolve) => (finish = resolve)),
      }),
    { initialProps: { enabled: true } },
  );
  await waitFor(() => expect(result.current.state).toBe("open"));
  script.send(`${numbers(1, 1)}${RESET}`);
  await waitFor(() => expect(finish).toBeDefined());
  rerender({ enabled: false });
  finish?.(100);
  rerender({ enabled: true });
  await waitFor(() => expect(result.current.state).toBe("open"));
  expect(script.lastEventId).toBe("1");
  script.send(numbers(2, 1));
  await waitFor(() => expect(result.current.lastEventId).toBe("2"));
  expect(result.current.data).toBe(3);
});

it("leaves the data as it is when a reset returns nothing", async () => {
  const script = scriptFetch();
  const { result } = renderHook(() =>
    useSse<{ n: number }>("http://x/", { fetch: script.fetch, onReset: () => {} }),
  );
  await waitFor(() => expect(result.current.state).toBe("open"));
  script.send(`${numbers(1, 1)}${RESET}${numbers(10, 1)}`);
  await waitFor(() => expect(result.current.data).toBe(10));
  expect(result.current.events.map(({ data }) => data)).toEqual([1, 10]);
});

function fail(who: string): never {
  throw new Error(who);
}
