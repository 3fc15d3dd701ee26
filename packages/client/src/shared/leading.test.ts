import { expect, it } from "vitest";
import { FakeServer } from "../../test/shared/fake-server.js";
import { KEY, type OpenedTab, openTab, OrderlyBrowser } from "../../test/shared/open-tab.js";
import { ScriptedLines } from "../../test/shared/scripted-lines.js";
import { SseClientError } from "../errors.js";

async function openTabs(count: number) {
  const browser = new OrderlyBrowser();
  const server = new FakeServer("position");
  const tabs = Array.from({ length: count }, () => openTab(browser, server));
  await browser.run();
  const [leader, ...others] = tabs as [OpenedTab, ...OpenedTab[]];
  return { browser, server, tabs, leader, others };
}

const numbersOf = ({ target }: OpenedTab): number[] =>
  target.handled.filter(({ event }) => event === "n").map(({ data }) => Number(data));

it.each([
  ["is closed", ({ line }: OpenedTab) => line.close()],
  ["crashes", ({ page }: OpenedTab) => page.kill()],
  ["is put away", ({ page }: OpenedTab) => page.tell("left")],
])("when the leader %s, another resumes for all from the same event", async (_how, end) => {
  const { browser, server, leader, others } = await openTabs(4);
  server.publish(2);
  await browser.run();
  end(leader);
  server.publish(2);
  await browser.run();
  server.publish();
  await browser.run();
  // One connection more, and not one for each.
  expect(server.opened).toBe(2);
  expect(server.connections.size).toBe(1);
  for (const tab of others) {
    expect(numbersOf(tab)).toEqual([1, 2, 3, 4, 5]);
    expect(tab.target.faults).toEqual([]);
  }
});

it("a page that comes back from the back/forward cache gets what it has missed", async () => {
  const { browser, server, leader, others } = await openTabs(2);
  server.publish();
  await browser.run();
  leader.page.tell("left");
  leader.page.isFrozen = true;
  server.publish(3);
  await browser.run();
  expect(browser.holderOf(KEY)).toBe(others[0]!.page);
  leader.page.thaw();
  leader.page.tell("entered");
  await browser.run();
  server.publish();
  await browser.run();
  expect(numbersOf(leader)).toEqual([1, 2, 3, 4, 5]);
  expect(server.connections.size).toBe(1);
});

it("a page that is told twice that it is entered takes part once", async () => {
  const { browser, server, leader, others } = await openTabs(2);
  leader.page.tell("entered");
  others[0]!.page.tell("entered");
  await browser.run();
  server.publish(2);
  await browser.run();
  expect(server.opened).toBe(1);
  expect(numbersOf(others[0]!)).toEqual([1, 2]);
});

it("a leader that is stopped without a word is replaced after it was asked in vain, and follows when it runs again", async () => {
  const { browser, server, leader, others } = await openTabs(3);
  leader.page.isFrozen = true;
  server.publish(2);
  await browser.run();
  const [second] = others as [OpenedTab];
  second.page.elapse();
  await browser.run();
  expect(browser.holderOf(KEY)).toBe(leader.page);
  second.page.elapse();
  await browser.run();
  expect(browser.holderOf(KEY)).toBe(second.page);
  for (const tab of others) expect(numbersOf(tab)).toEqual([1, 2]);

  leader.page.thaw();
  await browser.run();
  server.publish();
  await browser.run();
  expect(server.connections.size).toBe(1);
  for (const tab of [leader, ...others]) {
    expect(numbersOf(tab)).toEqual([1, 2, 3]);
    expect(tab.target.faults).toEqual([]);
  }
});

it("a leader that has nothing to tell is not replaced", async () => {
  const { browser, leader, others } = await openTabs(2);
  for (let n = 0; n < 4; n++) {
    others[0]!.page.elapse();
    await browser.run();
  }
  expect(browser.holderOf(KEY)).toBe(leader.page);
});

it("one who says something and does not lead is followed no longer than until the leader has answered", async () => {
  const { browser, server, leader, others } = await openTabs(2);
  server.publish();
  await browser.run();
  const message = { event: "n", data: "9", id: "0.9" };
  const prev = { id: "0.8", since: 0 };
  browser.say(KEY, { says: "told", term: "x", count: 3, prev, messages: [message] });
  await browser.run();
  expect(server.connections.size).toBe(1);
  expect(server.opened).toBeLessThanOrEqual(2);
  server.publish();
  await browser.run();
  for (const tab of [leader, ...others]) {
    expect(numbersOf(tab)).toEqual([1, 2]);
    expect(tab.target.faults).toEqual([]);
  }
});

it("who leads heeds nobody else who says that he does", async () => {
  const browser = new OrderlyBrowser();
  const lines = new ScriptedLines();
  const { target } = openTab(browser, new FakeServer("position"), { open: lines.open });
  await browser.run();
  lines.all[0]!.target.change("open");
  const place = { id: "0.8", since: 0 };
  browser.say(KEY, { says: "here", term: "x", count: 3, place, state: "open" });
  browser.say(KEY, { says: "over", term: "x", count: 3 });
  await browser.run();
  expect(lines.all).toHaveLength(1);
  expect(target.state).toBe("open");
});

it("a hidden page whose connection pauses lets one lead that is seen", async () => {
  const browser = new OrderlyBrowser();
  const server = new FakeServer("position");
  const habits = { chunk: 1, pauses: true };
  const [first, second] = [1, 2].map(() => openTab(browser, server, { habits })) as [
    OpenedTab,
    OpenedTab,
  ];
  await browser.run();
  first.page.hide();
  await browser.run();
  expect(browser.holderOf(KEY)).toBe(second.page);
  server.publish();
  await browser.run();
  expect(numbersOf(first)).toEqual([1]);

  second.page.hide();
  await browser.run();
  // Nobody sees any of them.
  expect(server.connections.size).toBe(0);
  expect([first.target.state, second.target.state]).toEqual(["waiting", "waiting"]);
  server.publish();
  first.page.show();
  await browser.run();
  expect(browser.holderOf(KEY)).toBe(first.page);
  for (const tab of [first, second]) expect(numbersOf(tab)).toEqual([1, 2]);
});

it("states of the leader's connection are told to all tabs", async () => {
  const { browser, server, others } = await openTabs(2);
  server.isUp = false;
  server.cut();
  // The leader tries again and again.
  const { target } = others[0]!;
  const states: string[] = [];
  target.change = (state, error) => void states.push(`${state} ${error?.code ?? ""}`.trim());
  const running = browser.run();
  await expect.poll(() => states.length).toBeGreaterThan(2);
  server.isUp = true;
  await running;
  expect(states.slice(0, 3)).toEqual([
    "waiting ERR_DISCONNECTED",
    "connecting",
    "waiting ERR_DISCONNECTED",
  ]);
  expect(states.at(-1)).toBe("open");
});

it("a state that is said again, because one has asked, is told once", async () => {
  const browser = new OrderlyBrowser();
  const lines = new ScriptedLines();
  const server = new FakeServer("position");
  openTab(browser, server, { open: lines.open });
  const { target, page } = openTab(browser, server, { open: lines.open });
  const states: string[] = [];
  target.change = (state) => void states.push(state);
  await browser.run();
  lines.all[0]!.target.change("waiting", new SseClientError("ERR_UNAVAILABLE", "down"), 5);
  await browser.run();
  page.elapse();
  await browser.run();
  expect(states).toEqual(["connecting", "waiting"]);
});

it("where the lock can't be had, a tab has a connection of its own and talks to nobody", async () => {
  const browser = new OrderlyBrowser();
  const server = new FakeServer("position");
  const refuse = (): Promise<never> => Promise.reject(new DOMException("no", "SecurityError"));
  const newTab = browser.newTab.bind(browser);
  browser.newTab = () => Object.assign(newTab(), { locks: { request: refuse, query: refuse } });
  const tabs = [openTab(browser, server), openTab(browser, server, { maxQueued: 1 })];
  await browser.run();
  expect(server.connections.size).toBe(2);
  tabs[1]!.target.isSlow = true;
  server.publish(5);
  await browser.run();
  for (const tab of tabs) {
    expect(numbersOf(tab)).toEqual([1, 2, 3, 4, 5]);
    expect(tab.target.state).toBe("open");
    tab.line.close();
  }
  expect(server.connections.size).toBe(0);
});

it("a tab that is closed before its turn is over does nothing", async () => {
  const browser = new OrderlyBrowser();
  const server = new FakeServer("position");
  const { line, target } = openTab(browser, server);
  line.close();
  line.close();
  await browser.run();
  expect(server.opened).toBe(0);
  expect(browser.holderOf(KEY)).toBeUndefined();
  expect(target.handled).toEqual([]);
});
