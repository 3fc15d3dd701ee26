import { expect, it } from "vitest";
import { FakeServer } from "../../test/shared/fake-server.js";
import { KEY, type OpenedTab, openTab, OrderlyBrowser } from "../../test/shared/open-tab.js";
import { ScriptedLines } from "../../test/shared/scripted-lines.js";
import { SseClientError } from "../errors.js";

const numbersOf = ({ target }: OpenedTab): number[] =>
  target.handled.filter(({ event }) => event === "n").map(({ data }) => Number(data));

it("the completion is told to all tabs, each after what it has still to take", async () => {
  const browser = new OrderlyBrowser();
  const server = new FakeServer("position");
  const tabs = [1, 2, 3].map(() => openTab(browser, server, { maxQueued: 2 }));
  const [leader, slow, fast] = tabs as [OpenedTab, OpenedTab, OpenedTab];
  await browser.run();
  slow.target.stall();
  server.publish(4);
  server.complete();
  await browser.run();
  expect([leader.target.state, slow.target.state, fast.target.state]).toEqual([
    "closed",
    "open",
    "closed",
  ]);
  slow.target.go();
  await browser.run();
  expect(slow.target.state).toBe("closed");
  for (const tab of tabs) {
    expect(numbersOf(tab)).toEqual([1, 2, 3, 4]);
    expect(tab.target.error).toBeUndefined();
    expect(tab.target.faults).toEqual([]);
  }
  expect(server.opened).toBe(1);
  expect(browser.holderOf(KEY)).toBeUndefined();
});

it("a tab that has not all yet when the stream ends gets the rest and the end itself", async () => {
  const browser = new OrderlyBrowser();
  const server = new FakeServer("position");
  const tabs = [1, 2].map(() => openTab(browser, server, { maxQueued: 1 }));
  const [leader, slow] = tabs as [OpenedTab, OpenedTab];
  await browser.run();
  slow.target.stall();
  server.publish(6);
  await browser.run();
  server.complete();
  await browser.run();
  expect(leader.target.state).toBe("closed");
  // There is no use in a connection as long as nothing is taken.
  expect(server.opened).toBe(1);
  slow.target.go();
  await browser.run();
  expect(numbersOf(slow)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(server.connections.size).toBe(1);
  server.complete();
  await browser.run();
  expect(slow.target.state).toBe("closed");
});

it("an error for good is told to all tabs, with all that it says", async () => {
  const browser = new OrderlyBrowser();
  const lines = new ScriptedLines();
  const server = new FakeServer("position");
  const tabs = [1, 2].map(() => openTab(browser, server, { open: lines.open }));
  await browser.run();
  const error = new SseClientError("ERR_REFUSED", "/url: answered 403", {
    status: 403,
    body: '{"message":"no"}',
    retryAfter: 4_000,
    cause: new Error("why"),
  });
  lines.all[0]!.target.change("closed", error);
  await browser.run();
  expect(tabs[0]!.target.error).toBe(error);
  const told = tabs[1]!.target.error;
  expect(told).toBeInstanceOf(SseClientError);
  expect(told).toMatchObject({
    code: "ERR_REFUSED",
    message: "/url: answered 403",
    status: 403,
    body: '{"message":"no"}',
    retryAfter: 4_000,
  });
  expect(tabs.map(({ target }) => target.state)).toEqual(["closed", "closed"]);
});

it("a tab whose own connection is refused ends alone", async () => {
  const browser = new OrderlyBrowser();
  const server = new FakeServer("position");
  const leader = openTab(browser, server);
  await browser.run();
  server.publish(2);
  await browser.run();
  const lines = new ScriptedLines();
  const joined = openTab(browser, server, { open: lines.open });
  await browser.run();
  const error = new SseClientError("ERR_REFUSED", "/url: answered 401");
  lines.all[0]!.target.change("closed", error);
  await browser.run();
  expect(joined.target.error).toBe(error);
  expect([joined.target.state, leader.target.state]).toEqual(["closed", "open"]);
});

it("a tab that is closed by what it takes is told nothing more", async () => {
  const browser = new OrderlyBrowser();
  const server = new FakeServer("position");
  const [leader, other] = [1, 2].map(() => openTab(browser, server)) as [OpenedTab, OpenedTab];
  await browser.run();
  const taken: string[] = [];
  leader.target.take = ({ data }) => {
    taken.push(data);
    leader.line.close();
  };
  server.publish(3);
  await browser.run();
  expect(taken).toEqual(["1"]);
  expect(numbersOf(other)).toEqual([1, 2, 3]);
  expect(browser.holderOf(KEY)).toBe(other.page);
});
