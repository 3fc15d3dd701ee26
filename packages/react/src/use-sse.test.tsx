import "../test/dom.js";
import { renderHook, waitFor } from "@testing-library/react";
import { expect, it } from "vitest";
import { type RoomEvents, startRoomServer } from "../test/room-server.js";
import { useSse } from "./index.js";

it("gives the latest data and the latest events, and the state of the connection", async () => {
  await using server = await startRoomServer();
  const { result, unmount } = renderHook(() => useSse<RoomEvents>(`${server.url}/rooms/tea`));
  expect(result.current).toMatchObject({ data: undefined, events: [], state: "connecting" });

  await waitFor(() => expect(result.current.state).toBe("open"));
  await server.say("tea", 1, 2);
  await waitFor(() => expect(result.current.data).toEqual({ n: 2 }));
  expect(result.current.events.map(({ event, data }) => [event, data])).toEqual([
    ["said", { n: 1 }],
    ["said", { n: 2 }],
  ]);
  expect(result.current.lastEventId).toBe(result.current.events[1]!.id);
  expect(result.current.error).toBeUndefined();
  unmount();
  await waitFor(() => expect(server.connections.count()).toBe(0));
});
