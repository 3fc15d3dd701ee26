import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Gallery, noBrowser, type Visit } from "./gallery.js";
import { read } from "./read-stream.js";
import { startDemo } from "./start-demo.js";

const PAGE = "/chat.html";

/** The answer that a page shows last. */
async function shownText({ page }: Visit): Promise<string> {
  const paragraphs = await page.locator(".turn:last-child .answer-text p").allTextContents();
  return paragraphs.join("\n\n");
}

/** Waits until a page shows so many tokens of its answer. */
async function tokens({ page }: Visit, count: number): Promise<void> {
  await page.waitForFunction((least) => {
    const bar = document.querySelector('.turn:last-child [role="progressbar"]');
    return Number(bar?.getAttribute("aria-valuenow")) >= least;
  }, count);
}

async function ended({ page }: Visit, how: "done" | "stopped"): Promise<void> {
  await page.waitForSelector(`.turn:last-child [data-how="${how}"]`);
}

async function press({ page }: Visit, name: string): Promise<void> {
  await page.getByRole("button", { name }).click();
}

/** From now on, notes whatever text the page shows. */
async function watchText({ page }: Visit): Promise<void> {
  await page.evaluate(() => {
    const seen: string[] = [];
    Object.assign(globalThis, { seen });
    const note = () => {
      const paragraphs = [...document.querySelectorAll(".answer-text p")];
      seen.push(paragraphs.map(({ textContent }) => textContent).join("\n\n"));
    };
    note();
    const what = { subtree: true, childList: true, characterData: true };
    new MutationObserver(note).observe(document.querySelector("#chat")!, what);
  });
}

async function seenTexts({ page }: Visit): Promise<string[]> {
  return page.evaluate(() => (globalThis as unknown as { seen: string[] }).seen);
}

/** The whole answer, as whoever follows it is told. */
async function followed({ page }: Visit): Promise<string> {
  const visitor = await page.evaluate(() => localStorage.getItem("sluice-visitor"));
  const id = await page.locator(".turn").last().getAttribute("data-turn");
  const url = new URL(`/chat/${id ?? ""}`, page.url()).href;
  const headers = { "X-Visitor": JSON.parse(visitor ?? "") as string };
  const events = await (await read(url, { headers })).rest();
  return events
    .filter(({ event }) => event === "token")
    .map(({ data }) => (JSON.parse(data) as { text: string }).text)
    .join("");
}

// A browser on a busy machine takes its time.
describe.skipIf(noBrowser)("the chat, in a browser", { timeout: 60_000 }, () => {
  let gallery: Gallery;
  beforeAll(async () => {
    gallery = await Gallery.start();
  });
  afterAll(async () => {
    await gallery.stop();
  });

  test("an answer goes on through a reload, a second tab, a cut and a restart of the server", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-chat-"));
    const env = { HISTORY_PATH: folder };
    // Slow until the server is killed, and quick to its end afterwards.
    const first = await startDemo({ ...env, TOKENS_PER_SECOND: "8" });
    await using visit = await gallery.open(PAGE, 1280, first.url);
    const { page } = visit;
    await page.getByRole("button", { name: "How does a client resume?" }).click();
    await tokens(visit, 5);

    const before = await shownText(visit);
    await page.reload();
    await visit.text(".leg", "joined the run");
    await visit.text(".leg .replayed", "replayed");
    expect((await shownText(visit)).startsWith(before)).toBe(true);
    await watchText(visit);

    const tab = await visit.openTab();
    await tab.text(".leg", "joined the run");
    await watchText(tab);

    await press(visit, "Cut the connection");
    await visit.text(".turn-state", "Connection lost");
    await visit.text(".link-next", "next attempt in");
    await visit.text(".leg", "came back, and went on behind the last id");

    await first.stop("SIGKILL");
    await visit.text(".turn-state", "Connection lost");
    const { port } = new URL(first.url);
    const second = await startDemo({ ...env, PORT: port, TOKENS_PER_SECOND: "100" });
    try {
      for (const one of [visit, tab]) {
        // oxlint-disable no-await-in-loop -- each of them
        await one.text(".leg", "sluice.reset");
        await ended(one, "done");
        const whole = await followed(one);
        expect(await shownText(one)).toBe(whole);
        // At no time there was less than before, or anything else.
        const seen = await seenTexts(one);
        const gone = seen.filter((text, n) => !text.startsWith(seen[n - 1] ?? ""));
        expect(gone).toEqual([]);
        expect(whole.startsWith(before)).toBe(true);
        expect(one.complaints.filter((text) => !text.includes("ERR_"))).toEqual([]);
        // oxlint-enable no-await-in-loop
      }
    } finally {
      await second.stop("SIGKILL");
      rmSync(folder, { recursive: true });
    }
  });

  test("stopped in one tab it is stopped in all, stays so, and another answer is made on request", async () => {
    await using visit = await gallery.open(PAGE);
    const { page } = visit;
    await page.fill("#prompt", "What is a <b>run</b>?");
    await page.press("#prompt", "Enter");
    await tokens(visit, 5);
    const tab = await visit.openTab();
    await tokens(tab, 5);

    await press(visit, "Stop");
    await ended(visit, "stopped");
    await ended(tab, "stopped");
    const text = await shownText(visit);
    expect(text).toBe(await followed(visit));
    expect(await shownText(tab)).toBe(text);

    const asked: string[] = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    await page.reload();
    await ended(visit, "stopped");
    expect(await shownText(visit)).toBe(text);
    expect(asked.filter((path) => path.startsWith("/chat/"))).toEqual([]);

    const id = await page.locator(".turn").getAttribute("data-turn");
    await press(visit, "Retry");
    await tokens(visit, 5);
    // The other tab has it too.
    await tokens(tab, 5);
    expect(await page.locator(".turn").count()).toBe(1);
    expect(await page.locator(".turn").getAttribute("data-turn")).not.toBe(id);
    expect(await page.locator(".turn-prompt").textContent()).toContain("What is a <b>run</b>?");
    await press(tab, "Stop");
    await ended(visit, "stopped");
    await press(visit, "Clear");
    await page.waitForSelector(".chat-suggestions");
    expect([...visit.complaints, ...tab.complaints]).toEqual([]);
  });

  test("nothing of it is wider than a phone, and its end is in sight while it grows", async () => {
    await using visit = await gallery.open(PAGE, 375);
    const { page } = visit;
    await page.fill("#prompt", "W".repeat(120));
    await page.press("#prompt", "Enter");
    await tokens(visit, 60);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    const hidden = await page.evaluate(() => {
      const { bottom } = document.querySelector(".turn:last-child .legs")!.getBoundingClientRect();
      return bottom - document.querySelector(".composer")!.getBoundingClientRect().top;
    });
    expect(hidden).toBeLessThanOrEqual(16);
    await press(visit, "Stop");
    await ended(visit, "stopped");
  });

  test("the gallery leads to it, and the keyboard reaches the question at once", async () => {
    await using visit = await gallery.open();
    const { page } = visit;
    await page.click(".feature");
    await page.waitForURL("**/chat.html");
    await page.waitForSelector("#prompt");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("prompt");
    expect(await page.locator("#source .code").textContent()).toContain(
      "export class ChatController",
    );
    await page.click('#source .source-tab:text("Hook")');
    expect(await page.locator("#source .code").textContent()).toContain(
      "useSse<ChatEvents, Answer>",
    );
  });
});
