import { RESET_EVENT } from "@sluice/protocol";
import { expect, it } from "vitest";
import { FakeServer } from "../../test/shared/fake-server.js";
import { type OpenedTab, openTab, OrderlyBrowser } from "../../test/shared/open-tab.js";
import { ScriptedLines } from "../../test/shared/scripted-lines.js";
import { SseClientError } from "../errors.js";

const namesOf = ({ target }: OpenedTab): string[] =>
  target.handled.map(({ event = "", data }) => (event === "n" ? data : event));

it("tabs that are opened at once make one connection in all", async () => {
  const browser = new OrderlyBrowser();
  const server = new FakeServer("state");
  const tabs = Array.from({ length: 8 }, () => openTab(browser, server));
  await browser.run();
  server.publish(3);
  await browser.run();
  expect(server.opened).toBe(1);
  for (const tab of tabs) {
    expect(namesOf(tab)).toEqual(["state", "1", "2", "3"]);
    expect(tab.target.state).toBe("open");
  }
});

it.each([
  ["position", ["sluice.position", "6"]],
  ["state", ["state", "6"]],
  ["last", ["sluice.position", "3", "4", "5", "6"]],
] as const)(
  "a tab that joins gets what a new connection gets (%s), and keeps none",
  async (greeting, expected) => {
    const browser = new OrderlyBrowser();
    const server = new FakeServer(greeting);
    openTab(browser, server);
    await browser.run();
    server.publish(5);
    await browser.run();
    const joined = openTab(browser, server);
    await browser.run();
    expect(server.opened).toBe(2);
    expect(server.connections.size).toBe(1);
    server.publish();
    await browser.run();
    expect(namesOf(joined)).toEqual(expected);
    expect(joined.target.faults).toEqual([]);
  },
);

it("a tab that joins with an id gets what came after it", async () => {
  const browser = new OrderlyBrowser();
  const server = new FakeServer("position");
  openTab(browser, server);
  await browser.run();
  server.publish(5);
  await browser.run();
  const behind = openTab(browser, server, { lastEventId: "0.2" });
  const level = openTab(browser, server, { lastEventId: "0.5" });
  await browser.run();
  // The one that has all needs no connection to know it.
  expect(server.opened).toBe(2);
  server.publish();
  await browser.run();
  expect(namesOf(behind)).toEqual(["3", "4", "5", "6"]);
  expect(namesOf(level)).toEqual(["6"]);
});

it("a tab that joins where a filter has left out the last events has a connection until the next one passes", async () => {
  const browser = new OrderlyBrowser();
  const server = new FakeServer("position", 3);
  openTab(browser, server);
  await browser.run();
  server.publish(5);
  await browser.run();
  const joined = openTab(browser, server);
  await browser.run();
  expect(server.connections.size).toBe(2);
  server.publish();
  await browser.run();
  expect(server.connections.size).toBe(1);
  expect(namesOf(joined)).toEqual(["sluice.position", "6"]);
});

it("a tab makes no connection while the leader has none", async () => {
  const browser = new OrderlyBrowser();
  const lines = new ScriptedLines();
  const server = new FakeServer("position");
  openTab(browser, server, { open: lines.open });
  await browser.run();
  lines.all[0]!.send({ data: "1", id: "0.1" });
  lines.all[0]!.target.change("waiting", new SseClientError("ERR_DISCONNECTED", "lost"), 5);
  await browser.run();
  const joined = openTab(browser, server, { open: lines.open });
  await browser.run();
  expect(lines.all).toHaveLength(1);
  expect(joined.target.state).toBe("waiting");
  lines.all[0]!.target.change("open");
  await browser.run();
  expect(lines.all).toHaveLength(2);
  // Nor does it keep one: the browser's few are left to the leader.
  lines.all[0]!.target.change("connecting");
  await browser.run();
  expect(lines.live).toEqual([lines.all[0]]);
});

it("a state that comes long after its reset is not lost, although the tab is in step by its id", async () => {
  const browser = new OrderlyBrowser();
  const server = new FakeServer("state");
  server.publish(5);
  server.trim(1);
  openTab(browser, server);
  await browser.run();
  const lines = new ScriptedLines();
  const joined = openTab(browser, server, { lastEventId: "0.2", open: lines.open });
  await browser.run();
  const [line] = lines.live;
  line!.target.change("open");
  line!.send({ event: RESET_EVENT, data: "{}", id: "0.5" });
  await browser.run();
  expect(line!.isClosed).toBe(false);
  line!.send({ event: "state", data: "5", id: "0.5" });
  await browser.run();
  expect(line!.isClosed).toBe(true);
  server.publish();
  await browser.run();
  expect(namesOf(joined)).toEqual([RESET_EVENT, "state", "6"]);
  expect(joined.target.faults).toEqual([]);
});

it("after a reset the tab's own connection is kept no longer than it lasts", async () => {
  const browser = new OrderlyBrowser();
  const server = new FakeServer("position");
  server.publish(5);
  openTab(browser, server);
  await browser.run();
  const lines = new ScriptedLines();
  const joined = openTab(browser, server, { lastEventId: "0.2", open: lines.open });
  await browser.run();
  const [line] = lines.live;
  line!.target.change("open");
  line!.send({ event: RESET_EVENT, data: "{}", id: "0.5" });
  await browser.run();
  expect(line!.isClosed).toBe(false);
  line!.target.change("connecting");
  await browser.run();
  expect(line!.isClosed).toBe(true);
  expect(joined.target.state).toBe("open");
});

it("messages that a line still hands over after its close are not doubled", async () => {
  const browser = new OrderlyBrowser();
  const server = new FakeServer("position");
  server.publish(2);
  openTab(browser, server);
  await browser.run();
  const lines = new ScriptedLines();
  const joined = openTab(browser, server, { lastEventId: "0.1", open: lines.open });
  await browser.run();
  const [line] = lines.live;
  line!.send({ event: "n", data: "2", id: "0.2" });
  await browser.run();
  expect(line!.isClosed).toBe(true);
  server.publish();
  await browser.run();
  line!.send({ event: "n", data: "3", id: "0.3" });
  line!.target.change("closed");
  await browser.run();
  expect(namesOf(joined)).toEqual(["2", "3"]);
  expect(joined.target.state).toBe("open");
});
