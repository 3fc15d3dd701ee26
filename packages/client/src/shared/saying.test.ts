import { expect, it } from "vitest";
import { FakeServer } from "../../test/shared/fake-server.js";
import { KEY, openTab, OrderlyBrowser } from "../../test/shared/open-tab.js";
import { SseClientError } from "../errors.js";
import { readSaying, type Saying, writeSaying } from "./saying.js";

const place = { id: "7", since: 2 };
const SAYINGS: readonly Saying[] = [
  { says: "who" },
  { says: "here", term: "t", count: 3, place, state: "open" },
  {
    says: "here",
    term: "t",
    count: 0,
    place: { id: "", since: 0 },
    state: "waiting",
    error: new SseClientError("ERR_UNAVAILABLE", "down", {
      status: 503,
      body: "",
      retryAfter: 9,
    }),
    retryAt: 12,
  },
  { says: "told", term: "t", count: 3, prev: place, messages: [{ data: "" }] },
  {
    says: "told",
    term: "t",
    count: 3,
    prev: place,
    messages: [{ event: "e", data: "d", id: "8" }, { data: "d" }],
  },
  { says: "over", term: "t", count: 3 },
  { says: "over", term: "t", count: 3, error: new SseClientError("ERR_FAILED", "failed") },
];

it.each(SAYINGS)("a saying arrives as it was sent: %j", (saying) => {
  const read = readSaying(structuredClone(writeSaying(saying)));
  expect(read).toEqual(saying);
  expect(read !== undefined && "error" in read ? read.error : undefined).toEqual(
    "error" in saying ? saying.error : undefined,
  );
});

const told = { says: "told", term: "t", count: 3, prev: place, messages: [{ data: "d" }] };
const here = { says: "here", term: "t", count: 3, place, state: "open" };
const over = { says: "over", term: "t", count: 3, error: { code: "ERR_FAILED", message: "m" } };

const OTHERS: readonly unknown[] = [
  undefined,
  null,
  "who",
  {},
  { says: "else", term: "t", count: 1 },
  { ...told, term: 1 },
  { ...told, count: -1 },
  { ...told, count: 1.5 },
  { ...told, prev: undefined },
  { ...told, prev: { id: 1, since: 0 } },
  { ...told, prev: { id: "", since: "0" } },
  { ...told, messages: undefined },
  { ...told, messages: [undefined] },
  { ...told, messages: [{ data: 1 }] },
  { ...told, messages: [{ data: "d", id: 1 }] },
  { ...told, messages: [{ data: "d", event: null }] },
  { ...here, place: null },
  { ...here, state: "closed" },
  { ...here, retryAt: "soon" },
  { ...here, error: "why" },
  { ...over, error: { code: "ERR_ELSE", message: "m" } },
  { ...over, error: { code: "ERR_FAILED" } },
  { ...over, error: { ...over.error, status: "403" } },
  { ...over, error: { ...over.error, body: {} } },
  { ...over, error: { ...over.error, retryAfter: "1" } },
];

it.each(OTHERS)("what is no saying is passed over: %j", (data) => {
  expect(readSaying(data)).toBeUndefined();
});

it("what others say on the channel disturbs no tab", async () => {
  const browser = new OrderlyBrowser();
  const server = new FakeServer("position");
  const tabs = [openTab(browser, server), openTab(browser, server)];
  await browser.run();
  for (const data of OTHERS) browser.say(KEY, data);
  server.publish(2);
  await browser.run();
  expect(server.opened).toBe(1);
  for (const { target } of tabs) {
    expect(target.isUpToDate).toBe(true);
    expect(target.faults).toEqual([]);
  }
});
