import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Gallery, noBrowser, type Visit } from "./gallery.js";
import { read } from "./read-stream.js";
import { startDemo } from "./start-demo.js";

const PAGE = "/chat.html";
const SUGGESTION = "How does a client resume?";
const ANSWERS = /\/chat\/[\w-]+\?handle=/;

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

async function ended({ page }: Visit, how: "done" | "failed" | "stopped"): Promise<void> {
  await page.waitForSelector(`.turn:last-child [data-how="${how}"]`);
}

async function press({ page }: Visit, name: string): Promise<void> {
  await page.getByRole("button", { name }).click();
}

/** Presses a button by the keyboard. */
async function pressByKey({ page }: Visit, name: string): Promise<void> {
  await page.getByRole("button", { name }).focus();
  await page.keyboard.press("Enter");
}

/** What has the focus: an element's text, and its classes. */
async function focused({ page }: Visit): Promise<{ text: string; classes: string }> {
  return page.evaluate(() => {
    const { textContent, className } = document.activeElement!;
    return { text: textContent, classes: className };
  });
}

/** From now on, notes what the page tells to screen readers. */
async function watchSpoken({ page }: Visit): Promise<void> {
  await page.evaluate(() => {
    const spoken: string[] = [];
    Object.assign(globalThis, { spoken });
    const note = () => {
      for (const { textContent } of document.querySelectorAll('#chat [role="status"]')) {
        if (textContent !== "" && textContent !== spoken.at(-1)) spoken.push(textContent);
      }
    };
    const what = { subtree: true, childList: true, characterData: true };
    new MutationObserver(note).observe(document.querySelector("#chat")!, what);
  });
}

async function spokenTexts({ page }: Visit): Promise<string[]> {
  return page.evaluate(() => (globalThis as unknown as { spoken: string[] }).spoken);
}

/** Waits until nothing stands any more in what is told to screen readers. */
async function silent({ page }: Visit): Promise<void> {
  await page.waitForFunction(() =>
    [...document.querySelectorAll('#chat [role="status"]')].every(
      ({ textContent }) => textContent === "",
    ),
  );
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
    await page.getByRole("button", { name: SUGGESTION }).click();
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
        await one.text(".leg", "the server was restarted: all of it again");
        await one.text(".leg-term", "sluice.reset: unknown");
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
    await visit.text(".leg:first-child", "asked, and followed the run");
    await tab.text(".leg:first-child", "joined the run, from its beginning");
    expect(await page.locator(".turn").count()).toBe(1);
    expect(await page.locator(".turn").getAttribute("data-turn")).not.toBe(id);
    expect(await page.locator(".turn-prompt").textContent()).toContain("What is a <b>run</b>?");
    await press(tab, "Stop");
    await ended(visit, "stopped");
    await press(visit, "Clear");
    await page.waitForSelector(".chat-suggestions");
    expect([...visit.complaints, ...tab.complaints]).toEqual([]);
  });

  test("an answer is stopped when the server says so, and not when it was away as Stop was pressed", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-chat-"));
    const env = { HISTORY_PATH: folder, TOKENS_PER_SECOND: "8" };
    const first = await startDemo(env);
    await using visit = await gallery.open(PAGE, 1280, first.url);
    await press(visit, SUGGESTION);
    await tokens(visit, 5);
    const tab = await visit.openTab();
    await tokens(tab, 5);

    await first.stop("SIGKILL");
    await visit.text(".turn-state", "Connection lost");
    await press(visit, "Stop");
    await visit.text(".turn-state", "Stop did not get through. It is sent again");
    const turn = visit.page.locator(".turn-answer");
    expect(await turn.getAttribute("data-how")).toBe("writing");

    const second = await startDemo({ ...env, PORT: new URL(first.url).port });
    try {
      await ended(visit, "stopped");
      await ended(tab, "stopped");
      const text = await followed(visit);
      // It may have been stopped before all was said again that was on the screen.
      for (const shown of [await shownText(visit), await shownText(tab)])
        expect(shown.slice(0, text.length)).toBe(text);
    } finally {
      await second.stop("SIGKILL");
      rmSync(folder, { recursive: true });
    }
  });

  test("Stop can be pressed again when the server has refused it", async () => {
    await using visit = await gallery.open(PAGE);
    const { page } = visit;
    await press(visit, SUGGESTION);
    await tokens(visit, 1);
    await page.route("**/chat/*", async (route) => {
      await (route.request().method() === "DELETE"
        ? route.fulfill({ status: 503 })
        : route.continue());
    });
    await press(visit, "Stop");
    await visit.text(".turn-state", "Stop did not get through. Press it again.");
    const before = await shownText(visit);
    await page.waitForFunction(
      (length) => document.querySelector(".answer-text")!.textContent.length > length,
      before.length,
    );
    await page.unroute("**/chat/*");
    await press(visit, "Stop");
    await ended(visit, "stopped");
    expect(await shownText(visit)).toBe(await followed(visit));
  });

  test("the keyboard's focus stays with the answer, whatever is pressed", async () => {
    await using visit = await gallery.open(PAGE);
    const { page } = visit;
    await pressByKey(visit, SUGGESTION);
    await tokens(visit, 1);
    expect((await focused(visit)).classes).toBe("turn-controls");

    // It stays away until it has been looked at.
    await page.route(ANSWERS, async (route) => route.abort());
    await pressByKey(visit, "Cut the connection");
    await visit.text(".turn-state", "Connection lost");
    expect((await focused(visit)).text).toBe("Cut the connection");
    expect(await page.locator(":focus").getAttribute("aria-disabled")).toBe("true");
    await page.unroute(ANSWERS);
    // At once, before it comes back by itself.
    await page.waitForFunction(() => {
      const now = document.querySelector<HTMLButtonElement>(".link .button");
      now?.focus();
      now?.click();
      return now !== null;
    });
    await visit.text(".leg", "came back, and went on behind the last id");
    expect((await focused(visit)).classes).toBe("turn-controls");

    await pressByKey(visit, "Stop");
    await ended(visit, "stopped");
    expect((await focused(visit)).classes).toBe("turn-controls");
    await page.keyboard.press("Tab");
    expect((await focused(visit)).text).toBe("Retry");
    await page.keyboard.press("Enter");
    await tokens(visit, 1);
    expect((await focused(visit)).classes).toBe("turn-controls");
    await page.keyboard.press("Tab");
    expect((await focused(visit)).text).toBe("Stop");
    await page.keyboard.press("Enter");
    await ended(visit, "stopped");
    await pressByKey(visit, "Clear");
    await page.waitForSelector(".chat-suggestions");
    expect(await page.locator(":focus").getAttribute("id")).toBe("prompt");
  });

  test("an answer that broke off says so in plain words, and can be had anew", async () => {
    await using visit = await gallery.open(PAGE);
    const { page } = visit;
    await page.route(ANSWERS, async (route) => {
      await route.fulfill({
        contentType: "text/event-stream",
        body: [
          'id: 1\nevent: start\ndata: {"prompt":"Why?","seed":1,"about":9,"at":1}\n\n',
          'id: 2\nevent: token\ndata: {"text":"Because","at":2}\n\n',
          'id: 3\nevent: sluice.end\ndata: {"outcome":"failed"}\n\n',
        ].join(""),
      });
    });
    await watchSpoken(visit);
    await press(visit, SUGGESTION);
    await ended(visit, "failed");
    await visit.text(".turn-state", "The answer broke off.");
    await silent(visit);
    expect((await spokenTexts(visit)).at(-1)).toBe("The answer broke off. You can retry.");
    expect(await page.locator(".thread").textContent()).not.toContain("/chat/");
    await page.unroute(ANSWERS);
    await press(visit, "Retry");
    await tokens(visit, 3);
    await press(visit, "Stop");
    await ended(visit, "stopped");
  });

  test("a question that is asked too early stays, and the page says why", async () => {
    await using visit = await gallery.open(PAGE);
    const { page } = visit;
    await press(visit, SUGGESTION);
    await tokens(visit, 1);
    await page.fill("#prompt", "And then?");
    await visit.text(".composer-hint", "One answer at a time");
    await page.press("#prompt", "Enter");
    expect(await page.inputValue("#prompt")).toBe("And then?");
    const ask = page.getByRole("button", { name: "Ask", exact: true });
    expect(await ask.getAttribute("aria-disabled")).toBe("true");
    expect(await page.locator(".turn").count()).toBe(1);
    await press(visit, "Stop");
    await ended(visit, "stopped");
    expect(await page.locator(".composer-hint").textContent()).toBe("");
    await page.press("#prompt", "Enter");
    await page.waitForSelector('.turn:nth-child(2) [data-how="writing"]');
    expect(await page.inputValue("#prompt")).toBe("");
    await press(visit, "Stop");
    await ended(visit, "stopped");
  });

  test("screen readers are told shortly how it goes, and nothing of it is left behind", async () => {
    const quick = await startDemo({ TOKENS_PER_SECOND: "200" });
    try {
      await using visit = await gallery.open(PAGE, 1280, quick.url);
      const { page } = visit;
      await watchSpoken(visit);
      await press(visit, SUGGESTION);
      await ended(visit, "done");
      await silent(visit);
      expect((await spokenTexts(visit)).at(-1)).toBe("The answer is complete.");
      expect((await spokenTexts(visit)).every((text) => text.length < 40)).toBe(true);
      expect(await page.getByRole("progressbar").count()).toBe(0);
      const count = /\d+ tokens/.exec((await page.locator(".turn-count").textContent()) ?? "");
      expect(await page.locator(".leg-counts").textContent()).toBe(`${count?.[0] ?? ""} live`);
    } finally {
      await quick.stop();
    }
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
