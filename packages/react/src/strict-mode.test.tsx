import "../test/dom.js";
import { act, render, renderHook, waitFor } from "@testing-library/react";
import { watchLeaks } from "@sluice/testing";
import { Activity, StrictMode, useLayoutEffect } from "react";
import { assert, expect, it } from "vitest";
import { type RoomEvents, startRoomServer } from "../test/room-server.js";
import { numbers, scriptFetch } from "../test/scripted-fetch.js";
import { type EventMap, useSse, type UseSseOptions, type UseSseResult } from "./index.js";

it("opens one connection under StrictMode, and takes each event once", async () => {
  await using server = await startRoomServer();
  using leaks = watchLeaks();
  const heard: number[] = [];
  const { result, rerender, unmount } = renderHook(
    ({ room }) =>
      useSse<RoomEvents, number[]>(`${server.url}/rooms/${room}`, {
        initialValue: [],
        reducer: (all, { event, data }) => (event === "said" ? [...all, data.n] : all),
        on: { said: ({ n }) => heard.push(n) },
      }),
    { initialProps: { room: "tea" }, reactStrictMode: true },
  );
  await waitFor(() => expect(result.current.state).toBe("open"));
  void server.say("tea", 1, 3);
  await waitFor(() => expect(result.current.data).toEqual([1, 2, 3]));
  expect(result.current.events).toHaveLength(3);
  expect(heard).toEqual([1, 2, 3]);
  expect(server.requests).toHaveLength(1);

  rerender({ room: "coffee" });
  await waitFor(() => expect(result.current.state).toBe("open"));
  void server.say("coffee", 4, 2);
  await waitFor(() => expect(result.current.data).toEqual([4, 5]));
  expect(heard).toEqual([1, 2, 3, 4, 5]);
  expect(server.requests).toHaveLength(2);

  unmount();
  await waitFor(() => expect(server.connections.count()).toBe(0));
  expect([...leaks.connections]).toEqual([]);
});

it("asks once with a POST under StrictMode", async () => {
  await using server = await startRoomServer();
  const { result } = renderHook(
    () =>
      useSse<{ token: string }>(`${server.url}/answer`, {
        body: { question: "why" },
        parse: { token: String },
      }),
    { reactStrictMode: true },
  );
  await waitFor(() => expect(result.current.state).toBe("closed"));
  expect(result.current.data).toBe("why");
  expect(server.requests).toHaveLength(1);
});

it("gives back the connections of components that come and go", async () => {
  await using server = await startRoomServer();
  for (let i = 0; i < 20; i++) {
    const { unmount } = renderHook(() => useSse(`${server.url}/rooms/tea`), {
      reactStrictMode: true,
    });
    // Some leave before they are connected, some when they are.
    if (i % 2 === 0) await waitFor(() => assert(server.connections.count() > 0));
    unmount();
  }
  await waitFor(() => expect(server.connections.count()).toBe(0));
  expect(server.room("tea").subscribers).toBe(0);
});

it("closes while an Activity hides it, and goes on from there: no event is lost or doubled", async () => {
  await using server = await startRoomServer();
  const { latest, turn } = renderInActivity<RoomEvents>(`${server.url}/rooms/tea`);
  await waitFor(() => expect(latest().state).toBe("open"));
  void server.say("tea", 1);
  await waitFor(() => expect(latest().data).toEqual({ n: 1 }));

  turn("hidden");
  await waitFor(() => expect(server.connections.count()).toBe(0));
  void server.say("tea", 2, 2);
  turn("visible");
  await waitFor(() => expect(latest().data).toEqual({ n: 3 }));
  expect(latest().events.map(({ data }) => data)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
});

it("does not ask for a complete stream again when it is shown again", async () => {
  await using server = await startRoomServer();
  const { latest, turn } = renderInActivity<{ n: number }>(`${server.url}/count/2`);
  await waitFor(() => expect(latest().state).toBe("closed"));
  turn("hidden");
  turn("visible");
  expect(latest()).toMatchObject({ state: "closed", data: 2 });
  expect(server.requests).toHaveLength(1);
});

it("keeps what had come when a handler has it hidden", async () => {
  const script = scriptFetch();
  const heard: number[] = [];
  const { latest, turn } = renderInActivity<{ n: number }>("http://x/", {
    fetch: script.fetch,
    on: {
      n: (n) => {
        heard.push(n as number);
        if (n === 2) turn("hidden");
      },
    },
  });
  await waitFor(() => expect(latest().state).toBe("open"));
  script.send(numbers(1, 3));
  await waitFor(() => expect(heard).toEqual([1, 2]));
  turn("visible");
  expect(latest()).toMatchObject({ data: 2, lastEventId: "2", state: "connecting" });
  await waitFor(() => expect(latest().state).toBe("open"));
  script.send(numbers(3, 1));
  await waitFor(() => expect(latest().events.map(({ data }) => data)).toEqual([1, 2, 3]));
});

/** A stream in an Activity, which can be hidden and shown. */
function renderInActivity<M extends EventMap>(url: string, options?: UseSseOptions) {
  let latest!: UseSseResult<M>;
  function Stream({ onRender }: { onRender: (result: UseSseResult) => void }) {
    const result = useSse(url, options);
    useLayoutEffect(() => {
      onRender(result);
    });
    return null;
  }
  const page = (mode: "visible" | "hidden") => (
    <StrictMode>
      <Activity mode={mode}>
        <Stream onRender={(result) => (latest = result as UseSseResult<M>)} />
      </Activity>
    </StrictMode>
  );
  const { rerender } = render(page("visible"));
  return {
    latest: () => latest,
    turn: (mode: "visible" | "hidden") => act(() => rerender(page(mode))),
  };
}
