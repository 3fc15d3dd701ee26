import "../test/dom.js";
import { act, waitFor } from "@testing-library/react";
import { StrictMode } from "react";
import { hydrateRoot, type Root } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { expect, it, vi } from "vitest";
import { type RoomEvents, startRoomServer } from "../test/room-server.js";
import { useSse } from "./index.js";

function Room({ url }: { url: string | null }) {
  const { data, events, state } = useSse<RoomEvents, number>(url, {
    initialValue: 7,
    reducer: (sum, { event, data }) => (event === "said" ? sum + data.n : sum),
  });
  return <p>{`${state} ${data} ${events.length}`}</p>;
}

it("opens nothing on the server, and says there that it connects", async () => {
  const fetch = vi.spyOn(globalThis, "fetch");
  expect(renderToString(<Room url="/rooms/tea" />)).toBe("<p>connecting 7 0</p>");
  expect(renderToString(<Room url={null} />)).toBe("<p>idle 7 0</p>");
  await Promise.resolve();
  expect(fetch).not.toHaveBeenCalled();
});

it("hydrates what the server has rendered without a mismatch, and follows the stream then", async () => {
  await using server = await startRoomServer();
  const url = `${server.url}/rooms/tea`;
  const page = (
    <StrictMode>
      <Room url={url} />
    </StrictMode>
  );
  const container = document.createElement("div");
  document.body.append(container);
  container.innerHTML = renderToString(page);
  const [served] = container.children;

  const mismatches: unknown[] = [];
  let root!: Root;
  act(() => {
    root = hydrateRoot(container, page, {
      onRecoverableError: (error) => mismatches.push(error),
    });
  });
  await waitFor(() => expect(container.textContent).toBe("open 7 0"));
  expect(container.children[0]).toBe(served);
  expect(mismatches).toEqual([]);
  void server.say("tea", 1, 2);
  await waitFor(() => expect(container.textContent).toBe("open 10 2"));

  act(() => root.unmount());
  container.remove();
  await waitFor(() => expect(server.connections.count()).toBe(0));
  expect(server.requests).toHaveLength(1);
});
