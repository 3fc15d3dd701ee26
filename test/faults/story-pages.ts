import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build, defaultClientConditions, type Rolldown } from "vite";
import type { Browser, BrowserName, BrowserPage } from "../browsers/browser.js";
import type { Judgement } from "./page-judgement.js";
import type { PageKind, Seen } from "./programs/story-page.js";

/** Each kind of page, in the order in which a browser opens them: in Firefox the last one alone is not hidden. */
const KINDS: readonly PageKind[] = ["native", "client", "shared", "shared"];

/** What came of a page. */
export interface PageReport extends Judgement {
  readonly browser: BrowserName;
  readonly kind: PageKind;
  readonly isHidden: boolean;
  /** The data of each `sluice.reset`. */
  readonly resets: readonly string[];
  /** Why it came back no more. */
  readonly gaveUp: string | undefined;
  /** What it threw or logged as an error, and the network did not. */
  readonly errors: readonly string[];
  readonly reconnects: number;
  /** Requests for the stream, with those that no server was there for. */
  readonly requests: number;
  /** The longest time without an event, in milliseconds. */
  readonly longestGap: number;
  /** From a server's start to the page's return, in milliseconds; the longest. */
  readonly slowestReturn: number;
}

/** A page that follows the story. */
export class FollowingPage {
  readonly #browser: BrowserName;
  readonly #kind: PageKind;
  readonly #page: BrowserPage;
  #requests = 0;

  /** Opens pages of every kind in a browser, which have joined the story when it resolves. */
  static async openAll(browser: Browser, url: string): Promise<FollowingPage[]> {
    const code = await bundled();
    const pages: FollowingPage[] = [];
    for (const kind of KINDS) {
      const page = await browser.newPage(url);
      const following = new FollowingPage(browser.name, kind, page);
      await page.evaluate(code);
      await page.evaluate(`page.follow(${JSON.stringify(kind)}, "/story")`);
      await page.waitFor<boolean>("page.seen.isJoined");
      pages.push(following);
    }
    return pages;
  }

  private constructor(browser: BrowserName, kind: PageKind, page: BrowserPage) {
    this.#browser = browser;
    this.#kind = kind;
    this.#page = page;
    page.driven.on("request", (request) => {
      if (new URL(request.url()).pathname === "/story") this.#requests++;
    });
  }

  /** Waits until the last event is the one with the id, or for so long; gives what the page has seen. */
  async seenWith(id: string, within: number): Promise<Seen> {
    const deadline = performance.now() + within;
    for (;;) {
      const seen = await this.#page.evaluate<Seen>("page.seen");
      if (seen.events.at(-1)?.id === id || performance.now() > deadline) return seen;
      await delay(50);
    }
  }

  /** @param starts - of the servers, in milliseconds since 1970 */
  async report(seen: Seen, judgement: Judgement, starts: readonly number[]): Promise<PageReport> {
    const { events, opens, resets, gaveUp } = seen;
    const gaps = events.slice(1).map(({ at }, n) => at - events[n]!.at);
    const returns = opens.map((at) => at - Math.max(...starts.filter((start) => start <= at)));
    return {
      ...judgement,
      browser: this.#browser,
      kind: this.#kind,
      isHidden: await this.#page.evaluate<boolean>("document.hidden"),
      resets,
      gaveUp,
      errors: this.#page.errors,
      reconnects: opens.length - 1,
      requests: this.#requests,
      longestGap: Math.max(...gaps),
      slowestReturn: Math.max(...returns.slice(1)),
    };
  }
}

let bundle: Promise<string> | undefined;

/** What runs in a page, as a script. */
function bundled(): Promise<string> {
  return (bundle ??= bundlePage());
}

async function bundlePage(): Promise<string> {
  const output = await build({
    configFile: false,
    logLevel: "error",
    resolve: { conditions: ["@sluice/source", ...defaultClientConditions] },
    build: {
      write: false,
      target: "es2022",
      rolldownOptions: {
        input: fileURLToPath(new URL("programs/story-page.ts", import.meta.url)),
        output: { format: "iife" },
      },
    },
  });
  const { output: chunks } = output as Rolldown.RolldownOutput;
  return chunks[0].code;
}
