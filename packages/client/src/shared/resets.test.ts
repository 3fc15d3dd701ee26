import { RESET_EVENT } from "@sluice/protocol";
import { expect, it } from "vitest";
import { FakeServer } from "../../test/shared/fake-server.js";
import { type OpenedTab, openTab, OrderlyBrowser } from "../../test/shared/open-tab.js";
import { ScriptedLines } from "../../test/shared/scripted-lines.js";
import { SseClientError } from "../errors.js";

const RESET = { event: RESET_EVENT, data: "{}", id: "1.0" };
const STATE = { event: "state", data: "0", id: "1.0" };

const resetsOf = ({ target }: OpenedTab): number =>
  target.handled.filter(({ event }) => event === RESET_EVENT).length;

it("a reset is told to each tab; one that can't handle it comes back alone, and is told again", async () => {
  const browser = new OrderlyBrowser();
  const server = new FakeServer("state");
  const tabs = [1, 2, 3].map(() => openTab(browser, server));
  const [leader, failing, other] = tabs as [OpenedTab, OpenedTab, OpenedTab];
  await browser.run();
  server.publish(3);
  await browser.run();
  failing.target.refusals = 1;
  server.restart();
  await browser.run();
  expect([leader, failing, other].map(resetsOf)).toEqual([1, 0, 1]);
  expect(failing.target.state).toBe("waiting");
  expect(failing.target.error?.code).toBe("ERR_DISCONNECTED");
  server.publish();
  failing.page.elapse(2_000);
  await browser.run();
  server.publish();
  await browser.run();
  expect([leader, failing, other].map(resetsOf)).toEqual([1, 1, 1]);
  for (const { target } of tabs) {
    expect(target.faults).toEqual([]);
    expect([target.isUpToDate, target.state]).toEqual([true, "open"]);
  }
  expect(server.connections.size).toBe(1);
});

it("a tab that can't handle the last message before the end comes back", async () => {
  const browser = new OrderlyBrowser();
  const lines = new ScriptedLines();
  const server = new FakeServer("position");
  const { target, page } = openTab(browser, server, { open: lines.open });
  await browser.run();
  target.refusals = 1;
  const reset = { event: RESET_EVENT, data: "{}", id: "1.0" };
  lines.all[0]!.send(reset);
  lines.all[0]!.target.change("closed");
  await browser.run();
  expect(target.state).toBe("waiting");
  page.elapse(2_000);
  await browser.run();
  expect(lines.all).toHaveLength(2);
  lines.all[1]!.send(reset);
  lines.all[1]!.target.change("closed", new SseClientError("ERR_FAILED", "failed"));
  await browser.run();
  expect(target.handled).toEqual([reset]);
  expect([target.state, target.error?.code]).toEqual(["closed", "ERR_FAILED"]);
});

/** Two tabs whose leader has been told a reset, without the state that belongs to it. */
async function partResetFromState() {
  const browser = new OrderlyBrowser();
  const lines = new ScriptedLines();
  const server = new FakeServer("state");
  server.restart();
  const tabs = [1, 2].map(() =>
    openTab(browser, server, { open: lines.open, lastEventId: "0.3" }),
  ) as [OpenedTab, OpenedTab];
  await browser.run();
  const [line] = lines.all;
  line!.target.change("open");
  line!.send(RESET);
  await browser.run();
  expect(tabs.map(({ target }) => target.handled)).toEqual([[], []]);
  return { browser, lines, line: line!, tabs };
}

it("a reset waits for the state that belongs to it, so that no tab has one without the other", async () => {
  const { browser, line, tabs } = await partResetFromState();
  line.send(STATE);
  await browser.run();
  for (const { target } of tabs) {
    expect(target.handled).toEqual([RESET, STATE]);
    expect(target.faults).toEqual([]);
  }
});

it("a reset to which no state belongs is told soon", async () => {
  const { browser, tabs } = await partResetFromState();
  tabs[0].page.elapse(1_000);
  await browser.run();
  for (const { target } of tabs) expect(target.handled).toEqual([RESET]);
});

it.each([
  [
    "its connection is lost",
    ({ line }: Awaited<ReturnType<typeof partResetFromState>>) => {
      line.target.change("waiting", new SseClientError("ERR_DISCONNECTED", "lost"), 5);
      line.target.change("connecting");
    },
  ],
  [
    "the leader crashes",
    ({ tabs }: Awaited<ReturnType<typeof partResetFromState>>) => {
      tabs[0].page.kill();
    },
  ],
])("when %s between a reset and its state, both are asked for again", async (_what, part) => {
  const parted = await partResetFromState();
  const { browser, lines, tabs } = parted;
  part(parted);
  await browser.run();
  const [line] = lines.live.slice(-1);
  expect(line!.target.lastEventId).toBe("0.3");
  line!.send(RESET, STATE);
  await browser.run();
  expect(tabs[1].target.handled).toEqual([RESET, STATE]);
  expect(tabs[1].target.faults).toEqual([]);
});
