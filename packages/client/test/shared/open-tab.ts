import type { OpenLine } from "../../src/line.js";
import { Tab } from "../../src/shared/tab.js";
import { CheckingTarget } from "./checking-target.js";
import { FakeBrowser, type FakeTab, type Schedule } from "./fake-browser.js";
import { type FakeServer, type LineHabits, openFakeLine } from "./fake-server.js";

/** A tab that shares a connection with others. */
export interface OpenedTab {
  readonly page: FakeTab;
  readonly target: CheckingTarget;
  readonly line: Tab;
}

/** What a tab is opened with. */
export interface TabOptions {
  /** @defaultValue none */
  readonly lastEventId?: string;
  /** @defaultValue 256 */
  readonly maxQueued?: number;
  /** @defaultValue whole chunks, without pauses */
  readonly habits?: LineHabits;
  /** @defaultValue lines to the server */
  readonly open?: OpenLine;
}

/** Names the channel and the lock of all tabs. */
export const KEY = "key";

export function openTab(
  browser: FakeBrowser,
  server: FakeServer,
  {
    lastEventId = "",
    maxQueued = 256,
    habits = { chunk: Infinity, pauses: false },
    open,
  }: TabOptions = {},
): OpenedTab {
  const page = browser.newTab();
  const target = new CheckingTarget(page, server, lastEventId);
  const settings = {
    key: KEY,
    url: "/url",
    open: open ?? openFakeLine(page, server, habits),
    maxQueued,
  };
  return { page, target, line: new Tab(settings, target, page) };
}

/** Lets all promises that are settled be heard of. */
export function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** A browser in which one thing happens after the other, as soon as a test lets it. */
export class OrderlyBrowser extends FakeBrowser {
  readonly #tasks: (() => void)[];

  constructor() {
    const tasks: (() => void)[] = [];
    const schedule: Schedule = (_label, task) => void tasks.push(task);
    super(schedule);
    this.#tasks = tasks;
  }

  /** Has everything happen that is under way, and what comes of it. */
  async run(): Promise<void> {
    await turn();
    for (let task = this.#tasks.shift(); task !== undefined; task = this.#tasks.shift()) {
      task();
      await turn();
    }
  }
}
