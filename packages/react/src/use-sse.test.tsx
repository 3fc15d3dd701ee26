import "../test/dom.js";
import { act, render, renderHook, screen, waitFor } from "@testing-library/react";
import { Component, type ReactNode } from "react";
import { expect, it } from "vitest";
import { type RoomEvents, startRoomServer } from "../test/room-server.js";
import { numbers, scriptFetch } from "../test/scripted-fetch.js";
import { SseClientError, text, useSse } from "./index.js";

it("gives the latest data, the latest events, and the state of the connection", async () => {
  await using server = await startRoomServer();
  const { result } = renderHook(() => useSse<RoomEvents>(`${server.url}/rooms/tea`));
  expect(result.current).toMatchObject({
    data: undefined,
    events: [],
    state: "connecting",
    lastEventId: "",
  });

  await waitFor(() => expect(result.current.state).toBe("open"));
  void server.say("tea", 1, 2);
  await waitFor(() => expect(result.current.data).toEqual({ n: 2 }));
  expect(result.current.events.map(({ event, data }) => [event, data])).toEqual([
    ["said", { n: 1 }],
    ["said", { n: 2 }],
  ]);
  expect(result.current.lastEventId).toBe(result.current.events[1]!.id);
  expect(result.current.error).toBeUndefined();
});

it("closes the connection when the component is unmounted", async () => {
  await using server = await startRoomServer();
  const { result, unmount } = renderHook(() => useSse<RoomEvents>(`${server.url}/rooms/tea`));
  await waitFor(() => expect(result.current.state).toBe("open"));
  expect(server.connections.count()).toBe(1);

  unmount();
  await waitFor(() => expect(server.connections.count()).toBe(0));
  expect(server.requests).toHaveLength(1);
});

it("keeps at most `maxEvents` events, 100 where it is not told", async () => {
  await using server = await startRoomServer();
  const { result } = renderHook(() => ({
    all: useSse<{ n: number }>(`${server.url}/count/150`),
    three: useSse<{ n: number }>(`${server.url}/count/150`, { maxEvents: 3 }),
    none: useSse<{ n: number }>(`${server.url}/count/150`, { maxEvents: 0 }),
  }));
  await waitFor(() => {
    const { all, three, none } = result.current;
    expect([all.state, three.state, none.state]).toEqual(["closed", "closed", "closed"]);
  });

  const { all, three, none } = result.current;
  expect(all.events.map(({ data }) => data)).toEqual(Array.from({ length: 100 }, (_, i) => 51 + i));
  expect(three.events.map(({ data }) => data)).toEqual([148, 149, 150]);
  expect(none.events).toEqual([]);
  expect(none.data).toBe(150);
});

it("makes the data of all events with a reducer", async () => {
  await using server = await startRoomServer();
  const { result } = renderHook(() =>
    useSse<{ n: number }, number>(`${server.url}/count/300`, {
      initialValue: 0,
      reducer: (sum, { data }) => sum + data,
    }),
  );
  expect(result.current.data).toBe(0);
  await waitFor(() => expect(result.current.state).toBe("closed"));
  expect(result.current.data).toBe((300 * 301) / 2);
});

it("sends a body, and reads text as the client does", async () => {
  await using server = await startRoomServer();
  const { result } = renderHook(() =>
    useSse<{ token: string }, string>(`${server.url}/answer`, {
      body: { question: "1 is one" },
      parse: { token: text },
      initialValue: "",
      reducer: (answer, { data }) => `${answer}${data}|`,
    }),
  );
  await waitFor(() => expect(result.current.state).toBe("closed"));
  expect(result.current).toMatchObject({ data: "1|is|one|", error: undefined });
});

it("is closed without an error when the stream is complete, and keeps what came", async () => {
  await using server = await startRoomServer();
  const { result, rerender } = renderHook(() => useSse<{ n: number }>(`${server.url}/count/2`));
  await waitFor(() => expect(result.current.state).toBe("closed"));
  rerender();
  expect(result.current).toMatchObject({ data: 2, error: undefined, lastEventId: "2" });
  expect(server.requests).toHaveLength(1);
});

it("tells why a stream was refused, and why one failed", async () => {
  await using server = await startRoomServer();
  const script = scriptFetch();
  const { result } = renderHook(() => ({
    refused: useSse<{ n: number }>(`${server.url}/refused`),
    failed: useSse<{ n: number }>("http://x/", { fetch: script.fetch }),
  }));
  await waitFor(() => expect(result.current.failed.state).toBe("open"));
  script.send(`${numbers(1, 1)}event: sluice.end\ndata: {"outcome":"failed"}\n\n`);
  await waitFor(() => {
    expect(result.current.refused.state).toBe("closed");
    expect(result.current.failed.state).toBe("closed");
  });
  const { refused, failed } = result.current;
  expect(refused.error).toBeInstanceOf(SseClientError);
  expect(refused.error).toMatchObject({ code: "ERR_REFUSED", status: 403 });
  expect(failed.error).toMatchObject({ code: "ERR_FAILED" });
  expect(failed.data).toBe(1);
});

it("throws what ends the stream to an error boundary when it is told to, and begins anew behind it", async () => {
  await using server = await startRoomServer();
  const { rerender } = render(
    <Boundary key="first">
      <Count url={`${server.url}/refused`} />
    </Boundary>,
    // React reports what a boundary has caught; it is looked at below.
    { onCaughtError: () => {} },
  );
  await waitFor(() => expect(screen.getByRole("alert").textContent).toBe("ERR_REFUSED"));

  rerender(
    <Boundary key="second">
      <Count url={`${server.url}/count/3`} />
    </Boundary>,
  );
  await waitFor(() => expect(screen.getByRole("status").textContent).toBe("closed 3"));
});

it("says while it waits why and until when, and resumes", async () => {
  await using server = await startRoomServer();
  const { result } = renderHook(() => useSse<RoomEvents>(`${server.url}/rooms/tea`));
  await waitFor(() => expect(result.current.state).toBe("open"));
  void server.say("tea", 1);
  await waitFor(() => expect(result.current.events).toHaveLength(1));

  const { room, say } = server;
  server.connections.close(() => true, { retry: "1s" });
  await waitFor(() => expect(result.current.state).toBe("waiting"));
  expect(result.current.error).toMatchObject({ code: "ERR_DISCONNECTED" });
  expect(result.current.retryAt).toBeGreaterThan(Date.now());
  expect(room("tea").subscribers).toBe(0);
  void say("tea", 2);

  act(() => result.current.reconnect());
  expect(result.current).toMatchObject({ state: "connecting", retryAt: undefined });
  await waitFor(() => expect(result.current.events).toHaveLength(2));
  expect(result.current.events.map(({ data }) => data)).toEqual([{ n: 1 }, { n: 2 }]);
  expect(server.requests[1]?.headers["last-event-id"]).toBe(result.current.events[0]!.id);
});

it("closes when it is told to, and stays closed until it is told to reconnect", async () => {
  await using server = await startRoomServer();
  const { result, rerender } = renderHook(() => useSse<RoomEvents>(`${server.url}/rooms/tea`));
  await waitFor(() => expect(result.current.state).toBe("open"));
  void server.say("tea", 1);
  await waitFor(() => expect(result.current.data).toEqual({ n: 1 }));

  const { close, reconnect } = result.current;
  act(() => close());
  expect(result.current).toMatchObject({ state: "closed", data: { n: 1 }, error: undefined });
  await waitFor(() => expect(server.connections.count()).toBe(0));
  rerender();
  expect(result.current.state).toBe("closed");
  expect(server.requests).toHaveLength(1);
  expect(result.current.close).toBe(close);
  void server.say("tea", 2);

  act(() => reconnect());
  await waitFor(() => expect(result.current.data).toEqual({ n: 2 }));
  expect(result.current.events.map(({ data }) => data)).toEqual([{ n: 1 }, { n: 2 }]);
});

it("begins anew, without what came, when it reconnects to a stream without ids", async () => {
  await using server = await startRoomServer();
  const { result } = renderHook(() =>
    useSse<{ n: number }, number[]>(`${server.url}/open/2`, {
      initialValue: [],
      reducer: (all, { data }) => [...all, data],
    }),
  );
  await waitFor(() => expect(result.current.data).toEqual([1, 2]));

  act(() => result.current.reconnect());
  expect(result.current).toMatchObject({ state: "connecting", data: [], events: [] });
  await waitFor(() => expect(result.current.data).toEqual([1, 2]));
  expect(result.current.events).toHaveLength(2);
  expect(server.requests).toHaveLength(2);
  await waitFor(() => expect(server.connections.count()).toBe(1));
});

it("begins behind `lastEventId`", async () => {
  await using server = await startRoomServer();
  const { result } = renderHook(() =>
    useSse<{ n: number }>(`${server.url}/count/5`, { lastEventId: "3" }),
  );
  expect(result.current.lastEventId).toBe("3");
  await waitFor(() => expect(result.current.state).toBe("closed"));
  expect(result.current.events.map(({ data }) => data)).toEqual([4, 5]);
});

it("does nothing after the component is gone", async () => {
  await using server = await startRoomServer();
  const { result, unmount } = renderHook(() => useSse<RoomEvents>(`${server.url}/rooms/tea`));
  await waitFor(() => expect(result.current.state).toBe("open"));
  unmount();
  result.current.reconnect();
  result.current.close();
  await waitFor(() => expect(server.connections.count()).toBe(0));
  expect(server.requests).toHaveLength(1);
});

function Count({ url }: { url: string }) {
  const { data, state } = useSse<{ n: number }>(url, { throwOnError: true });
  return <output>{`${state} ${data ?? "none"}`}</output>;
}

class Boundary extends Component<{ children: ReactNode }, { error?: SseClientError }> {
  override state: { error?: SseClientError } = {};

  static getDerivedStateFromError(error: SseClientError) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    return error === undefined ? this.props.children : <p role="alert">{error.code}</p>;
  }
}
