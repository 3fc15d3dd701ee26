import { RESET_EVENT } from "@sluice/protocol";
import { afterEach, expect, it, vi } from "vitest";
import { FakeFetch } from "../../test/fake-fetch.js";
import { OrderlyBrowser } from "../../test/shared/open-tab.js";
import { connect } from "../connect.js";
import type { OpenLine } from "../line.js";
import { sharedTabs } from "../shared.js";

afterEach(() => vi.unstubAllGlobals());

/** Gives the process what a page has: with its own `BroadcastChannel`, and locks. */
function stubPage(): { readonly names: string[]; readonly browser: OrderlyBrowser } {
  const browser = new OrderlyBrowser();
  const names: string[] = [];
  const { locks } = browser.newTab();
  const request = (name: string, ...rest: never[]): unknown => {
    names.push(name);
    return Reflect.apply(locks.request, locks, [name, ...rest]);
  };
  vi.stubGlobal("navigator", { locks: { request, query: () => locks.query() } });
  const document = { baseURI: "https://example.com/app/", hidden: false };
  vi.stubGlobal("document", Object.assign(new EventTarget(), document));
  return { names, browser };
}

it("without Web Locks or without BroadcastChannel each client has its own line", () => {
  const open: OpenLine = () => ({ close() {} });
  vi.stubGlobal("navigator", {});
  expect(sharedTabs("name")(open, "/url")).toBe(open);
  vi.stubGlobal("navigator", undefined);
  expect(sharedTabs("name")(open, "/url")).toBe(open);
  vi.stubGlobal("navigator", { locks: {} });
  vi.stubGlobal("BroadcastChannel", undefined);
  expect(sharedTabs("name")(open, "/url")).toBe(open);
});

it.each([[""], [undefined]])("a name is required, and %j is none", (name) => {
  expect(() => sharedTabs(name as string)).toThrow(TypeError);
});

it.each([0, -1, Number.NaN])("room for no message is refused: %d", (maxQueued) => {
  expect(() => sharedTabs("name", { maxQueued })).toThrow(RangeError);
});

it("a URL is resolved as `fetch` does it in a worker, which has no document", async () => {
  const { names } = stubPage();
  vi.stubGlobal("document", undefined);
  vi.stubGlobal("location", { href: "https://example.com/workers/feed.js" });
  const open: OpenLine = () => ({ close() {} });
  const line = sharedTabs("user-1")(open, "feed")({ lastEventId: "", change() {}, take() {} });
  await Promise.resolve();
  line.close();
  expect(names).toEqual(['sluice:1:["user-1","https://example.com/workers/feed"]']);
});

it("tabs share what has the same name and the same absolute URL, in any notation, and nothing else", async () => {
  const { names } = stubPage();
  const open: OpenLine = () => ({ close() {} });
  const target = { lastEventId: "", change() {}, take() {} };
  for (const [name, url] of [
    ["user-1", "feed"],
    ["user-1", "/app/feed"],
    ["user-1", "https://example.com/app/feed"],
    ["user-2", "feed"],
    ["user-1", "feed?a"],
    ['user-1","https://example.com/app/', "feed"],
  ] as const) {
    const line = sharedTabs(name)(open, url)(target);
    await Promise.resolve();
    line.close();
  }
  expect(names).toHaveLength(6);
  expect(new Set(names.slice(0, 3)).size).toBe(1);
  expect(new Set(names).size).toBe(4);
  expect(names[0]).toBe('sluice:1:["user-1","https://example.com/app/feed"]');
});

it("two clients share a connection over a real BroadcastChannel, and each handles its resets", async () => {
  const { browser } = stubPage();
  const network = new FakeFetch();
  const heard: string[][] = [];
  const clients = ["a", "b"].map((name) => {
    const words: string[] = [];
    heard.push(words);
    const client = connect<{ message: { n: number } }>("feed", {
      fetch: network.fetch,
      share: sharedTabs("user-1"),
      onReset: ({ reason }) => void words.push(`${name} ${reason}`),
    });
    client.on("message", ({ n }) => words.push(`${name} ${n}`));
    return client;
  });
  await browser.run();
  const call = await network.calls.next();
  expect(call.url).toBe("feed");
  call.open(
    `id: 1\ndata: {"n":1}\n\nevent: ${RESET_EVENT}\nid: 2\ndata: {"channels":["c"],"reason":"trimmed"}\n\nid: 3\ndata: {"n":3}\n\n`,
  );
  await expect.poll(() => heard.map(({ length }) => length)).toEqual([3, 3]);
  expect(heard).toEqual([
    ["a 1", "a trimmed", "a 3"],
    ["b 1", "b trimmed", "b 3"],
  ]);
  expect(clients.map(({ state, lastEventId }) => [state, lastEventId])).toEqual([
    ["open", "3"],
    ["open", "3"],
  ]);
  call.send('event: sluice.end\nid: 3#end\ndata: {"outcome":"done"}\n\n');
  await Promise.all(clients.map(({ closed }) => closed));
  expect(network.calls.all).toHaveLength(1);
});
