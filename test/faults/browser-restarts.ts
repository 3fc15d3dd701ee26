import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Browser, type BrowserName, openBrowser } from "../browsers/browser.js";
import { judge } from "./page-judgement.js";
import { mulberry32 } from "./random.js";
import { settled } from "./settled.js";
import { StoryLives } from "./story-lives.js";
import { FollowingPage, type PageReport } from "./story-pages.js";

export interface BrowserRestartsOptions {
  readonly browsers: readonly BrowserName[];
  readonly kills: number;
  /** From the first event to the last, in milliseconds. */
  readonly duration: number;
  readonly seed: number;
}

export interface BrowserRestartsReport {
  readonly acknowledged: number;
  /** Kills after an event was stored and before anybody heard of it: pages have so many events more at least. */
  readonly untold: number;
  /** The longest time without a server, in milliseconds. */
  readonly longestOutage: number;
  /** The most requests that a page can have made which waits as it was asked to. */
  readonly mostRequests: number;
  /** The most memory that a server told of, in bytes. */
  readonly peakMemory: number;
  readonly pages: readonly PageReport[];
}

/**
 * When a server is killed: between storing an event and telling of it, when the first page asks it,
 * while it starts, or at some time.
 */
const MOMENTS = ["untold", "asked", "start-up", "some time"] as const;

/** How long pages are asked to wait before they come back, in milliseconds; Firefox takes no less. */
const RETRY = 500;
/** How long there is no process after a kill, at most, in milliseconds. */
const LONGEST_PAUSE = 1_000;
/** How long pages may take to be back, in milliseconds. */
const CATCH_UP = 45_000;

/**
 * Kills a server whose history is on the disk again and again while pages of browsers follow it. Each of
 * its lives publishes twenty events a second.
 */
export async function browserRestarts({
  browsers: names,
  kills,
  duration,
  seed,
}: BrowserRestartsOptions): Promise<BrowserRestartsReport> {
  const random = mulberry32(seed);
  const path = mkdtempSync(join(tmpdir(), "sluice-browsers-"));
  const lives = new StoryLives(path, RETRY);
  const browsers: Browser[] = [];
  try {
    let life = await lives.begin();
    await life.listening;
    browsers.push(...(await Promise.all(names.map((name) => openBrowser(name)))));
    const opened = browsers.map((browser) => FollowingPage.openAll(browser, lives.url));
    const pages = (await Promise.all(opened)).flat();

    await lives.current.call("publish", 0);
    const began = performance.now();
    const until = (time: number) => delay(Math.max(0, began + time - performance.now()));
    for (let n = 0; n < kills; n++) {
      const moment = MOMENTS[n % MOMENTS.length]!;
      if (moment === "start-up") await delay(random() * lives.startTime);
      else await life.listening;
      if (moment === "asked") {
        await settled(() => lives.isAsked, CATCH_UP);
        await delay(random() * 50);
      }
      if (moment === "untold" || moment === "some time")
        await until(((n + random()) / kills) * duration);
      await (moment === "untold" ? lives.killUntold() : lives.kill());
      await delay(random() * LONGEST_PAUSE);
      life = await lives.begin();
    }
    await life.listening;
    await until(duration);
    const last = await lives.current.call("stop");
    const seen = await Promise.all(pages.map((page) => page.seenWith(last, CATCH_UP)));
    const events = seen.map(({ events }) => events);
    const judgements = judge(events, lives.acknowledged, kills);
    return {
      acknowledged: lives.acknowledged.length,
      untold: Math.ceil(kills / MOMENTS.length),
      longestOutage: Math.max(...lives.outages),
      mostRequests: lives.mostRequests(),
      peakMemory: lives.peakMemory,
      pages: await Promise.all(
        pages.map((page, n) => page.report(seen[n]!, judgements[n]!, lives.starts)),
      ),
    };
  } finally {
    await Promise.all(browsers.map((browser) => browser[Symbol.asyncDispose]()));
    await lives.kill();
    rmSync(path, { recursive: true });
  }
}
