import { expect, it } from "vitest";
import { FakeServer } from "../../test/shared/fake-server.js";
import { type OpenedTab, openTab, OrderlyBrowser } from "../../test/shared/open-tab.js";
import { ScriptedLines } from "../../test/shared/scripted-lines.js";

/** Opens tabs one after the other whose streams are the test's. */
function setUp() {
  const browser = new OrderlyBrowser();
  const lines = new ScriptedLines();
  const server = new FakeServer("position");
  const open = async (): Promise<OpenedTab> => {
    const tab = openTab(browser, server, { open: lines.open });
    // What is told has no ids, and is no channel's.
    tab.target.take = (message) => void tab.target.handled.push(message);
    await browser.run();
    return tab;
  };
  return { browser, lines, open };
}

const dataOf = ({ target }: OpenedTab): string[] => target.handled.map(({ data }) => data);

it("a stream without ids is followed from the moment at which a tab has seen how its own begins", async () => {
  const { browser, lines, open } = setUp();
  const leader = await open();
  const [feed] = lines.all;
  feed!.target.change("open");
  feed!.send({ data: "state 1" }, { data: "a" });
  const joined = await open();
  const [, own] = lines.all;
  own!.target.change("open");
  own!.send({ data: "state 2" });
  await browser.run();
  expect(own!.isClosed).toBe(false);
  joined.page.elapse(1_000);
  await browser.run();
  expect(own!.isClosed).toBe(true);
  feed!.send({ data: "b" });
  await browser.run();
  expect(dataOf(leader)).toEqual(["state 1", "a", "b"]);
  expect(dataOf(joined)).toEqual(["state 2", "b"]);
});

it("a tab that joins a stream which has told nothing yet follows it at once", async () => {
  const { browser, lines, open } = setUp();
  await open();
  lines.all[0]!.target.change("open");
  const joined = await open();
  expect(lines.all).toHaveLength(1);
  lines.all[0]!.send({ data: "a" });
  await browser.run();
  expect(dataOf(joined)).toEqual(["a"]);
});

it("when a connection without ids is made anew, all tabs get what it begins with, as its client would", async () => {
  const { browser, lines, open } = setUp();
  const leader = await open();
  const other = await open();
  const [feed] = lines.all;
  feed!.target.change("open");
  feed!.send({ data: "state" }, { data: "a" });
  await browser.run();
  feed!.target.change("connecting");
  feed!.target.change("open");
  feed!.send({ data: "state again" });
  await browser.run();
  leader.line.close();
  await browser.run();
  const [, next] = lines.all;
  next!.target.change("open");
  next!.send({ data: "state once more" });
  await browser.run();
  expect(dataOf(other)).toEqual(["state", "a", "state again", "state once more"]);
  expect(lines.live).toEqual([next]);
});

it("messages without an id between others are counted, so that none of them is lost or doubled", async () => {
  const { browser, lines, open } = setUp();
  const leader = await open();
  const [feed] = lines.all;
  feed!.target.change("open");
  feed!.send({ data: "1", id: "1" }, { data: "1a" }, { data: "1b" });
  const joined = await open();
  const [, own] = lines.all;
  own!.target.change("open");
  own!.send({ data: "1", id: "1" }, { data: "1a" });
  await browser.run();
  // It is not there yet, although the last id is the same.
  expect(own!.isClosed).toBe(false);
  own!.send({ data: "1b" });
  await browser.run();
  expect(own!.isClosed).toBe(true);
  feed!.send({ data: "1c" }, { data: "2", id: "2" });
  await browser.run();
  const all = ["1", "1a", "1b", "1c", "2"];
  expect([dataOf(leader), dataOf(joined)]).toEqual([all, all]);
});
