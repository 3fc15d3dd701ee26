import { expect, it } from "vitest";
import { FakeServer } from "../../test/shared/fake-server.js";
import { type OpenedTab, openTab, OrderlyBrowser } from "../../test/shared/open-tab.js";

const numbersOf = ({ target }: OpenedTab): number[] =>
  target.handled.filter(({ event }) => event === "n").map(({ data }) => Number(data));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n + 1);

it("a leader that takes nothing holds nobody up, and gets what it has missed on a connection of its own", async () => {
  const browser = new OrderlyBrowser();
  const server = new FakeServer("position");
  const tabs = [1, 2].map(() => openTab(browser, server, { maxQueued: 4 }));
  const [leader, other] = tabs as [OpenedTab, OpenedTab];
  await browser.run();
  leader.target.stall();
  for (let n = 0; n < 20; n++) {
    server.publish();
    await browser.run();
  }
  expect(numbersOf(other)).toEqual(upTo(20));
  expect(numbersOf(leader)).toEqual([]);
  expect(server.opened).toBe(1);
  leader.target.go();
  await browser.run();
  server.publish();
  await browser.run();
  expect(numbersOf(leader)).toEqual(upTo(21));
  expect(server.connections.size).toBe(1);
});

it("a tab that is a little slow needs no connection of its own", async () => {
  const browser = new OrderlyBrowser();
  const server = new FakeServer("position");
  const tabs = [1, 2].map(() => openTab(browser, server, { maxQueued: 4 }));
  await browser.run();
  for (const { target } of tabs) target.stall();
  server.publish(6);
  await browser.run();
  for (const { target } of tabs) target.go();
  await browser.run();
  for (const tab of tabs) expect(numbersOf(tab)).toEqual(upTo(6));
  expect(server.opened).toBe(1);
});

it("a tab that catches up asks for no more than it has room for", async () => {
  const browser = new OrderlyBrowser();
  const server = new FakeServer("position");
  openTab(browser, server);
  await browser.run();
  server.publish(100);
  await browser.run();
  const habits = { chunk: 5, pauses: false };
  const slow = openTab(browser, server, { lastEventId: "0.0", maxQueued: 10, habits });
  slow.target.stall();
  await browser.run();
  expect(server.connections.size).toBe(1);
  slow.target.go();
  slow.target.isSlow = true;
  await browser.run();
  expect(numbersOf(slow)).toEqual(upTo(100));
  // One connection for every ten, and the last ten from the leader.
  expect(server.opened).toBe(1 + 9);
  expect(slow.target.faults).toEqual([]);
});

it("a tab that is alone holds its connection up, as a client without others does", async () => {
  const browser = new OrderlyBrowser();
  const server = new FakeServer("position");
  const habits = { chunk: 1, pauses: false };
  const alone = openTab(browser, server, { maxQueued: 4, habits });
  await browser.run();
  alone.target.stall();
  server.publish(50);
  await browser.run();
  const [connection] = server.connections;
  expect(connection!.coming.length).toBeGreaterThan(40);

  const joined = openTab(browser, server, { maxQueued: 100, lastEventId: "0.0" });
  await browser.run();
  expect(connection!.coming).toHaveLength(0);
  expect(numbersOf(joined)).toEqual(upTo(50));
  alone.target.go();
  await browser.run();
  server.publish();
  await browser.run();
  expect(numbersOf(alone)).toEqual(upTo(51));
});

it("a tab that is alone reads on when it has taken what is there", async () => {
  const browser = new OrderlyBrowser();
  const server = new FakeServer("position");
  const alone = openTab(browser, server, { maxQueued: 1, habits: { chunk: 1, pauses: false } });
  alone.target.isSlow = true;
  await browser.run();
  server.publish(20);
  await browser.run();
  expect(numbersOf(alone)).toEqual(upTo(20));
  expect(server.opened).toBe(1);
});
