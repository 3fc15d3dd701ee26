import { setTimeout as delay } from "node:timers/promises";
import { type Browser as Driver, launch, type LaunchOptions, type Page } from "puppeteer-core";
import { remedy, tools } from "../../scripts/tools.mjs";

/** The browsers that tests run in. */
export const BROWSERS = ["chromium", "firefox"] as const;
export type BrowserName = (typeof BROWSERS)[number];

/** What each browser has in `scripts/tools.mjs`, and where Debian keeps it. */
const PROGRAMS = {
  chromium: { variable: "CHROMIUM_PATH", usual: "/usr/bin/chromium-headless-shell" },
  firefox: { variable: "FIREFOX_PATH", usual: "/usr/bin/firefox-esr" },
} as const;

/**
 * Whether the tests in a browser are to be skipped because it could not be found. Where `CI` is set
 * nothing is skipped, and a missing browser fails its tests.
 */
export function isMissing(name: BrowserName): boolean {
  return process.env[toolOf(name).absent] === "1";
}

for (const name of BROWSERS)
  if (isMissing(name)) console.log(`${remedy(toolOf(name))} The tests in it are skipped.`);

/**
 * A browser in a profile of its own, which is deleted with it. All its pages are tabs of that one
 * profile: pages of one origin share `BroadcastChannel`, Web Locks, storage, cookies and the six
 * connections of HTTP/1.1.
 */
export interface Browser extends AsyncDisposable {
  readonly name: BrowserName;
  /** Opens a tab and waits until the page is loaded. In Firefox the tabs before it become hidden. */
  newPage(url: string): Promise<BrowserPage>;
}

/** A tab. */
export interface BrowserPage extends AsyncDisposable {
  /** What the page's code threw and did not catch, and what it gave to `console.error`. */
  readonly errors: readonly string[];
  /** What the browser itself said of requests that failed; each has words of its own. */
  readonly networkErrors: readonly string[];
  /**
   * Runs a function in the page, which sees nothing of its surroundings here but its arguments. They
   * and the result travel as JSON does; a promise is awaited there.
   *
   * @throws what the page throws, as an `Error` with its message
   */
  evaluate<A extends readonly unknown[], T>(
    run: (...args: A) => T,
    ...args: A
  ): Promise<Awaited<T>>;
  /** Evaluates an expression in the page. */
  evaluate<T>(expression: string): Promise<T>;
  /**
   * Asks the page again and again until the answer is truthy, and resolves with that. The asking
   * comes from outside, so that it works in hidden tabs, whose timers are slow.
   *
   * @throws after 15 s
   */
  waitFor<A extends readonly unknown[], T>(
    predicate: (...args: A) => T,
    ...args: A
  ): Promise<Awaited<T>>;
  /** Asks for the value of an expression. */
  waitFor<T>(expression: string): Promise<T>;
  /** The driver's page, for what is missing here. */
  readonly driven: Page;
  /** Closes this tab alone, without asking it. A second time it does nothing. */
  close(): Promise<void>;
}

/**
 * Starts a browser, without a window.
 *
 * Firefox treats tabs as a user's: all but the newest, or the one that was brought to the front, are
 * hidden, and their timers fire once a second. In Chromium's headless shell every tab is visible and
 * none is slowed down.
 *
 * @example
 * await using browser = await openBrowser("firefox");
 * const page = await browser.newPage(`${server.url}/`);
 * await page.waitFor(() => document.title === "done");
 */
export async function openBrowser(name: BrowserName): Promise<Browser> {
  const driver = await launch(optionsOf(name));
  return {
    name,
    newPage: (url) => openPage(driver, url),
    [Symbol.asyncDispose]: () => driver.close(),
  };
}

function optionsOf(name: BrowserName): LaunchOptions {
  const { variable, usual } = PROGRAMS[name];
  const common = { executablePath: process.env[variable] ?? usual, timeout: 60_000 };
  if (name === "firefox") return { ...common, browser: "firefox", headless: true };
  return {
    ...common,
    browser: "chrome",
    headless: "shell",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
    // The driver's own, which would spare a full Chromium's hidden tabs what a user's suffer.
    ignoreDefaultArgs: [
      "--disable-background-timer-throttling",
      "--disable-backgrounding-occluded-windows",
      "--disable-renderer-backgrounding",
    ],
  };
}

async function openPage(driver: Driver, url: string): Promise<BrowserPage> {
  const driven = await driver.newPage();
  const errors: string[] = [];
  const networkErrors: string[] = [];
  const take = (text: string): void =>
    void (OF_THE_NETWORK.test(text) ? networkErrors : errors).push(text);
  driven.on("console", (message) => {
    if (message.type() === "error") take(message.text());
  });
  driven.on("pageerror", (error) => take(error instanceof Error ? error.message : String(error)));
  await driven.goto(url);

  const evaluate = (run: unknown, ...args: readonly unknown[]): Promise<unknown> =>
    driven.evaluate(run as (...args: unknown[]) => unknown, ...args);
  const close = async (): Promise<void> => {
    if (!driven.isClosed()) await driven.close();
  };
  return {
    driven,
    errors,
    networkErrors,
    evaluate,
    async waitFor<T>(predicate: unknown, ...args: readonly unknown[]) {
      const deadline = performance.now() + 15_000;
      for (;;) {
        const answer = (await evaluate(predicate, ...args)) as T;
        if (answer) return answer;
        if (performance.now() > deadline) {
          const said = [...errors, ...networkErrors].map((line) => `\n${line}`).join("");
          throw new Error(`${url} never answers truthily to ${String(predicate)}.${said}`);
        }
        await delay(10);
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** What Chromium and Firefox say themselves of requests, where they say it as if the page had. */
const OF_THE_NETWORK =
  /^(Failed to load resource|Firefox can.t establish a connection|The connection to \S+ was interrupted|Cross-Origin Request Blocked)/;

function toolOf(name: BrowserName) {
  const { variable } = PROGRAMS[name];
  return tools.find((tool) => tool.variable === variable)!;
}
