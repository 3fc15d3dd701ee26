import "../test/dom.js";
import { act, fireEvent, render, renderHook, screen, waitFor } from "@testing-library/react";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { startTransition, Suspense, use, useLayoutEffect, useState, useTransition } from "react";
import { expect, it, vi } from "vitest";
import { type RoomEvents, startRoomServer } from "../test/room-server.js";
import { numbers, scriptFetch } from "../test/scripted-fetch.js";
import { useSse, type UseSseOptions, type UseSseResult } from "./index.js";

const PATIENTLY = { timeout: 10_000 };

it("renders 1,000 events of one chunk together, and loses none", async () => {
  const script = scriptFetch();
  const heard: number[] = [];
  let renders = 0;
  const { result } = renderHook(() => {
    renders++;
    return useSse<{ n: number }, number>("http://x/", {
      fetch: script.fetch,
      maxEvents: 2_000,
      initialValue: 0,
      reducer: (sum, { data }) => sum + data,
      on: { n: (n) => heard.push(n) },
    });
  });
  await waitFor(() => expect(result.current.state).toBe("open"));
  const before = renders;
  const all = Array.from({ length: 1_000 }, (_, i) => i + 1);

  script.send(numbers(1, 1_000));
  await waitFor(() => expect(result.current.data).toBe(500_500));
  expect(renders - before).toBe(1);
  expect(result.current.events.map(({ data }) => data)).toEqual(all);
  expect(heard).toEqual(all);
});

it("renders few times where events come in chunks of their own, or are parsed one after the other", async () => {
  const script = scriptFetch();
  let renders = 0;
  const { result } = renderHook(() => {
    renders++;
    return useSse<{ n: number }>("http://x/", {
      fetch: script.fetch,
      parse: { n: async (data) => Number(data) },
    });
  });
  await waitFor(() => expect(result.current.state).toBe("open"));
  const before = renders;
  for (let n = 1; n <= 500; n++) script.send(numbers(n, 1));
  await waitFor(() => expect(result.current.data).toBe(500));
  expect(renders - before).toBeLessThan(50);
});

it("holds on to no more events than twice `maxEvents`", async () => {
  const script = scriptFetch();
  const all: WeakRef<object>[] = [];
  const { result } = renderHook(() =>
    useSse<{ n: { n: number } }>("http://x/", {
      fetch: script.fetch,
      maxEvents: 10,
      parse: {
        n(data) {
          const value = { n: Number(data) };
          all.push(new WeakRef(value));
          return value;
        },
      },
    }),
  );
  await waitFor(() => expect(result.current.state).toBe("open"));
  script.send(numbers(1, 1_000));
  await waitFor(() => expect(result.current.data).toEqual({ n: 1_000 }));
  collectGarbage();
  expect(all).toHaveLength(1_000);
  expect(all.filter((each) => each.deref() !== undefined).length).toBeLessThanOrEqual(20);
});

it("gives the same object until something changes, and another one then", async () => {
  const script = scriptFetch();
  const seen = new Set<UseSseResult<{ n: number }>>();
  const { result, rerender } = renderHook(() => {
    const current = useSse<{ n: number }>("http://x/", { fetch: script.fetch });
    seen.add(current);
    return current;
  });
  const first = result.current;
  rerender();
  expect(result.current).toBe(first);
  await waitFor(() => expect(result.current.state).toBe("open"));
  expect(seen.size).toBe(2);
  const open = result.current;
  expect(open).not.toBe(first);
  expect(open.events).toBe(first.events);
  script.send(numbers(1, 1));
  await waitFor(() => expect(result.current.data).toBe(1));
  expect(open).toMatchObject({ data: undefined, events: [] });
});

it("shows the old stream while a transition to another URL is under way, and never both", async () => {
  await using server = await startRoomServer();
  const late = gate();

  function Page() {
    const [room, setRoom] = useState("tea");
    const [isPending, start] = useTransition();
    return (
      <Suspense fallback="wait">
        <button onClick={() => start(() => setRoom("coffee"))}>{isPending ? "goes" : "go"}</button>
        <Room url={`${server.url}/rooms/${room}`} name={room} />
        {room === "coffee" && <Late until={late.opened} />}
      </Suspense>
    );
  }

  render(<Page />);
  const shown = screen.getByRole("status");
  await waitFor(() => expect(shown.textContent).toBe("tea open []"));
  await act(async () => fireEvent.click(screen.getByText("go")));
  expect(screen.getByText("goes")).toBeDefined();
  void server.say("tea", 1);
  await waitFor(() => expect(shown.textContent).toBe('tea open [{"n":1}]'));
  expect(server.requests).toHaveLength(1);

  await act(async () => late.open());
  expect(shown.textContent).toBe("coffee connecting []");
  await waitFor(() => expect(shown.textContent).toBe("coffee open []"));
  void server.say("coffee", 2);
  await waitFor(() => expect(shown.textContent).toBe('coffee open [{"n":2}]'));
  await waitFor(() => expect(server.connections.count()).toBe(1));
});

it("keeps its connection and its events while what is beside it suspends", async () => {
  await using server = await startRoomServer();
  const late = gate();
  const heard: unknown[] = [];
  const page = (isLate: boolean) => (
    <Suspense fallback={<p>wait</p>}>
      <Room url={`${server.url}/rooms/tea`} name="tea" onEvent={({ data }) => heard.push(data)} />
      {isLate && <Late until={late.opened} />}
    </Suspense>
  );
  const { rerender } = render(page(false));
  const shown = screen.getByRole("status");
  await waitFor(() => expect(shown.textContent).toBe("tea open []"));
  await act(async () => rerender(page(true)));
  expect(screen.getByText("wait")).toBeDefined();
  void server.say("tea", 1, 2);
  await waitFor(() => expect(heard).toEqual([{ n: 1 }, { n: 2 }]));
  await act(async () => late.open());
  expect(screen.queryByText("wait")).toBeNull();
  expect(shown.textContent).toBe('tea open [{"n":1},{"n":2}]');
  expect(server.requests).toHaveLength(1);
});

it("opens nothing for a component that suspends before it is shown, then one connection", async () => {
  await using server = await startRoomServer();
  const late = gate();
  function LateRoom() {
    const { state } = useSse<RoomEvents>(`${server.url}/rooms/tea`);
    use(late.opened);
    return <output>{state}</output>;
  }
  const page = (
    <Suspense fallback={<p>wait</p>}>
      <LateRoom />
    </Suspense>
  );
  await act(async () => render(page));
  expect(screen.getByText("wait")).toBeDefined();
  expect(server.requests).toHaveLength(0);
  await act(async () => late.open());
  await waitFor(() => expect(screen.getByRole("status").textContent).toBe("open"));
  expect(server.requests).toHaveLength(1);
});

it("shows one state in all places, though events come while a transition renders", async () => {
  const script = scriptFetch();
  const rendered: string[] = [];
  const torn: string[] = [];
  const look = (): void => {
    const texts = new Set(screen.getAllByRole("listitem").map((item) => item.textContent));
    if (texts.size > 1) torn.push([...texts].join(", "));
  };

  function Page() {
    const { data } = useSse<{ n: number }>("http://x/", { fetch: script.fetch });
    const [page, setPage] = useState(0);
    useLayoutEffect(look);
    return (
      <ul onClick={() => startTransition(() => setPage(1))}>
        {Array.from({ length: 30 }, (_, i) => (
          <Slow key={i} text={`${page} ${data ?? 0}`} />
        ))}
      </ul>
    );
  }
  function Slow({ text }: { text: string }) {
    work(text);
    return <li>{text}</li>;
  }
  function work(text: string): void {
    // In the middle of the transition.
    if (text === "1 1" && !rendered.includes(text)) script.send(numbers(2, 4));
    rendered.push(text);
    for (const end = performance.now() + 2; performance.now() < end;);
  }

  render(<Page />);
  // Work outside of an act is cut into slices, as in a browser.
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", false);
  await vi.waitFor(() => script.send(numbers(1, 1)), PATIENTLY);
  await vi.waitFor(() => expect(screen.getAllByText("0 1")).toHaveLength(30), PATIENTLY);
  screen.getByRole("list").click();
  await vi.waitFor(() => expect(screen.getAllByText("1 5")).toHaveLength(30), PATIENTLY);
  expect(rendered).toContain("0 5");
  expect(torn).toEqual([]);
});

function Room({
  url,
  name,
  ...options
}: { url: string; name: string } & UseSseOptions<RoomEvents>) {
  const { state, events } = useSse<RoomEvents>(url, options);
  return <output>{`${name} ${state} ${JSON.stringify(events.map(({ data }) => data))}`}</output>;
}

function Late({ until }: { until: Promise<void> }) {
  use(until);
  return null;
}

function gate(): { readonly opened: Promise<void>; open(): void } {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}
