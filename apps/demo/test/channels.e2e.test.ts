import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Gallery, noBrowser, type Visit } from "./gallery.js";
import { post } from "./read-stream.js";
import { startDemo } from "./start-demo.js";

/** What a room shows of one message. */
interface Line {
  readonly text: string;
  readonly replayed: boolean;
}

async function lines({ page }: Visit, card = "room"): Promise<Line[]> {
  return page.locator(`#${card} .say:not(.say-moved)`).evaluateAll((rows) =>
    rows.map((row) => ({
      text: row.querySelector(".say-text")?.textContent ?? "",
      replayed: row.querySelector(".replayed") !== null,
    })),
  );
}

async function say({ page }: Visit, text: string): Promise<void> {
  await page.fill("#room-call-text", text);
  await page.press("#room-call-text", "Enter");
  // Taken by the server: the field is emptied.
  await page.waitForFunction(() => {
    const field = document.querySelector("#room-call-text");
    return field instanceof HTMLInputElement && field.value === "";
  });
}

async function enter(visit: Visit, room: string, name: string): Promise<void> {
  await visit.page.selectOption("#room-room", room);
  await visit.page.fill("#room-name", name);
  await visit.start("room");
  await visit.text("#room .room-here", name);
}

/** What the client of a card says of its state. */
async function clientState({ page }: Visit, card: string): Promise<string | null> {
  return page.locator(`#${card} .track-state[aria-current]`).textContent();
}

/** How many events the view in React has received. */
async function received({ page }: Visit): Promise<number> {
  return Number(await page.locator("#lock .stats dd").first().textContent());
}

/** For what waits on a reconnect or on another tab. */
const PATIENT = { timeout: 20_000 };

const BOATS = Array.from({ length: 20 }, (_, index) => `Boat ${index + 1} of 20 has passed.`);

// A browser on a busy machine takes its time.
describe.skipIf(noBrowser)("the cards of channels, in a browser", { timeout: 60_000 }, () => {
  let gallery: Gallery;
  beforeAll(async () => {
    gallery = await Gallery.start();
  });
  afterAll(async () => {
    await gallery.stop();
  });

  test("two pages in one room see each other's messages, in one order", async () => {
    await using ada = await gallery.open();
    await using grace = await gallery.open();
    await enter(ada, "lock", "Ada");
    expect(await ada.page.locator("#room .replayed").count()).toBe(0);
    await enter(grace, "lock", "Grace");
    await ada.text("#room .room-here", "Ada, Grace");
    for (const visit of [ada, grace]) {
      // oxlint-disable-next-line no-await-in-loop -- each of them
      await visit.text("#room .stage-wire", "HTTP 200");
    }
    const said = ["Is the gate open?", "It is.", "<b>Thanks</b>", "Mind the sill."];
    for (const [index, text] of said.entries()) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await say(index % 2 === 0 ? ada : grace, text);
    }
    for (const visit of [ada, grace]) {
      // oxlint-disable no-await-in-loop -- each of them
      await visit.text("#room .say", "Mind the sill.");
      expect((await lines(visit)).map(({ text }) => text)).toEqual(said);
      await visit.text("#room .room-listening", "2 connections listen");
      expect(visit.complaints).toEqual([]);
      // oxlint-enable no-await-in-loop
    }
  });

  test("what is published while the connection is cut comes once, in order, and marked as replayed", async () => {
    await using visit = await gallery.open();
    const { page } = visit;
    await enter(visit, "weir", "Ada");
    await say(visit, "Before the cut");
    await visit.text("#room .say", "Before the cut");
    await page.click('#room .button:text("Cut, and publish 20 meanwhile")');
    await visit.text("#room .call-answer", "Published 20 while the connection was away.");
    await visit.text("#room .is-replayed", BOATS.at(-1)!);
    await say(visit, "After it");
    await visit.text("#room .say", "After it");
    expect(await lines(visit)).toEqual([
      { text: "Before the cut", replayed: false },
      ...BOATS.map((text) => ({ text, replayed: true })),
      { text: "After it", replayed: false },
    ]);
    // The browser's log has the ids, short, with the whole in the title.
    const chip = page.locator("#room .stage-browser .event-id").last();
    expect(await chip.textContent()).toMatch(/^…\d+$/);
    expect(await chip.getAttribute("title")).toMatch(/^lastEventId: 1\.[\w-]{8}\.\d+$/);
    expect(visit.complaints.filter((text) => !text.includes("ERR_"))).toEqual([]);
  });

  test("the client's state is shown: why it waits, when it comes back, and from where", async () => {
    await using visit = await gallery.open();
    const { page } = visit;
    const streams: string[] = [];
    page.on("request", (request) => {
      if (/\/rooms\/\w+\?/.test(request.url())) streams.push(request.resourceType());
    });
    const strip = page.locator("#room .strip");
    expect(await strip.locator("[aria-current]").count()).toBe(0);
    await enter(visit, "weir", "Ida");
    expect(await clientState(visit, "room")).toBe("open");
    await say(visit, "Where are we?");
    await visit.text("#room .say", "Where are we?");
    const id = await strip.locator(".strip-id").getAttribute("title");
    expect(id).toMatch(/^1\.[\w-]{8}\.\d+$/);

    await page.click('#room .button:text("Cut the connection")');
    await visit.text("#room .strip-next", "next attempt in ");
    expect(await strip.locator(".strip-next").textContent()).toMatch(/in \d\.\d s$/);
    await visit.text("#room .strip-error", "ERR_DISCONNECTED");
    expect(await clientState(visit, "room")).toBe("waiting");
    await visit.state("room", "reconnecting");

    await visit.text("#room .strip-opened", "opened 2 times");
    expect(await clientState(visit, "room")).toBe("open");
    expect(await strip.locator(".strip-error").textContent()).toBe("");
    await visit.text("#room .stage-wire", `Last-Event-ID: ${id ?? "none"}`);
    // What is shown of the wire is what the client reads: there is no second connection.
    expect(streams).toEqual(["fetch", "fetch"]);

    await visit.stop("room");
    await visit.state("room", "closed");
    expect(await clientState(visit, "room")).toBe("closed");
  });

  test("the source shows the client's code beside the controller's", async () => {
    await using visit = await gallery.open();
    const code = visit.page.locator("#room .stage-source .code");
    expect(await code.textContent()).toContain("export class RoomsController");
    await visit.page.click('#room .source-tab:text("Client")');
    expect(await code.textContent()).toContain('EventsOf<RoomsController["join"]>');
    await visit.page.click('#room .source-tab:text("Server")');
    expect(await code.textContent()).toContain("export class RoomsController");
  });

  test.each([
    ["other", "unknown"],
    ["made", "malformed"],
  ])(
    "an id that can't be resumed (%s) is told as a reset, and the room's state is shown",
    async (choice, reason) => {
      await using visit = await gallery.open();
      const { page } = visit;
      await enter(visit, "harbour", "Ada");
      await say(visit, `Said before ${reason}`);
      await visit.text("#room .say", `Said before ${reason}`);
      await page.selectOption("#room-come-back", choice);
      await page.click("#room .come-back-row .button");
      await visit.text("#room .reset", `Not resumed, “${reason}”`);
      await visit.text("#room .is-resynced", `Said before ${reason}`);
      await visit.text("#room .event-own", "sluice.reset");
      await say(visit, "And on");
      await visit.text("#room .say:not(.is-resynced)", "And on");
      expect(visit.complaints).toEqual([]);
    },
  );

  test("coming back with the first id shows all that followed again, as replayed", async () => {
    await using visit = await gallery.open();
    const { page } = visit;
    await enter(visit, "harbour", "Ida");
    await say(visit, "Once more");
    await visit.text("#room .say", "Once more");
    await page.selectOption("#room-come-back", "first");
    await page.click("#room .come-back-row .button");
    await visit.text("#room .is-replayed", "Once more");
    expect(await page.locator("#room .reset").count()).toBe(0);
  });

  test("a message that is too long is refused, and the card says why", async () => {
    await using visit = await gallery.open();
    await visit.page.click('#room .button:text("Say too much")');
    const answer = visit.page.locator("#room .call-refused");
    await answer.waitFor();
    expect(await answer.textContent()).toMatch(/^Refused with 400: body\.text/);
  });

  test("an inbox moves the part of its cursor whose channel had news, and resumes both", async () => {
    await using visit = await gallery.open();
    const { page } = visit;
    await visit.start("inbox");
    await page.locator("#inbox .cursor-part").nth(1).waitFor();
    await page.click("#inbox .call button");
    await visit.text("#inbox .say", "Your berth is ready from Ada");
    expect(await page.locator("#inbox .cursor-moved").count()).toBe(1);
    await page.selectOption("#inbox-call-to", "Grace");
    await page.click("#inbox .call button");
    await visit.text("#inbox .call-answer", "Reached nobody");
    await page.click('#inbox .button:text("Cut, and publish 20 meanwhile")');
    await page.locator("#inbox .is-replayed").nth(19).waitFor();
    const titles = (await lines(visit, "inbox")).filter(({ replayed }) => replayed);
    const numbers = titles.map(({ text }) => Number(/^Notice (\d+) of 20/.exec(text)?.[1]));
    const ofChannel = (rest: number) => numbers.filter((number) => number % 2 === rest);
    expect(ofChannel(1)).toEqual([1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
    expect(ofChannel(0)).toEqual([2, 4, 6, 8, 10, 12, 14, 16, 18, 20]);
  });

  test("an inbox is closed to those whom nobody knows", async () => {
    await using visit = await gallery.open();
    await visit.page.selectOption("#inbox-token", "stranger");
    await visit.start("inbox");
    await visit.state("inbox", "refused");
    expect(await clientState(visit, "inbox")).toBe("closed");
    await visit.text("#inbox .strip-error", "ERR_REFUSED");
    await visit.text("#inbox .stage-wire", "Authorization: Bearer stranger");
    await visit.text("#inbox .stage-wire", "HTTP 401");
    await visit.text("#inbox .stage-wire", "Send a token that we know.");
    expect(await visit.page.locator("#inbox .event").count()).toBe(0);
  });

  test("the dashboard draws, and fills in what was measured while it was cut off", async () => {
    await using visit = await gallery.open();
    const { page } = visit;
    await visit.start("dashboard");
    await visit.events("dashboard", 4);
    const points = async () =>
      page
        .locator("#dashboard .chart-line")
        .evaluateAll((plots) =>
          plots.map((plot) => plot.getAttribute("points")!.split(" ").length),
        );
    const [count] = await points();
    expect(count).toBeGreaterThanOrEqual(3);
    expect(await points()).toHaveLength(4);
    expect(await page.locator("#dashboard .chart-value").allTextContents()).toEqual([
      expect.stringMatching(/^\d+\.\d ms$/),
      expect.stringMatching(/^\d+\.\d MiB$/),
      expect.stringMatching(/^\d+$/),
      expect.stringMatching(/^\d+ \/ s$/),
    ]);
    await page.click('#dashboard .button:text("Cut the connection")');
    await page.locator("#dashboard .event .replayed").nth(2).waitFor();
    const shades = await page.locator("#dashboard .chart-replayed").first().getAttribute("d");
    expect(shades).toMatch(/^M[\d.]+ 0h/);
    const ids = await page.locator("#dashboard .event .event-id").allTextContents();
    const numbers = ids.map((id) => Number(id.slice(1)));
    expect(numbers).toEqual(numbers.map((_, index) => numbers[0]! + index));
  });

  test("the view in React draws a boat for each stream, resumes, and stays when it is stopped", async () => {
    const demo = await startDemo();
    try {
      await using visit = await gallery.open("/", 1280, demo.url);
      const { page } = visit;
      const boats = page.locator("#lock .boat");
      expect(await page.locator("#lock .stage-source .code").textContent()).toContain("useSse<");
      await visit.start("lock");
      await visit.text("#lock .lock-now", "1 open stream,");
      expect(await boats.count()).toBe(1);
      await visit.text("#lock .stage-wire", "event: reading");
      await visit.start("room");
      await visit.text("#lock .lock-now", "2 open streams");
      expect(await boats.count()).toBe(2);

      await page.click('#lock .button:text("Cut the connection")');
      await visit.text("#lock .strip-next", "next attempt in ");
      expect(await page.locator("#lock .chamber").getAttribute("data-open")).toBe("false");
      await visit.text("#lock .strip-opened", "opened 2 times");
      await visit.text("#lock .stage-wire", "Last-Event-ID: 1.");
      await expect
        .poll(
          async () => Number(await page.locator("#lock .stats dd").nth(1).textContent()),
          PATIENT,
        )
        .toBeGreaterThan(2);

      await visit.text("#lock .lock-now", "2 open streams,");
      await visit.stop("lock");
      await page.waitForSelector('#lock .track-state[aria-current]:text-is("closed")');
      expect(await boats.count()).toBe(2);
      expect(visit.complaints.filter((text) => !text.includes("ERR_"))).toEqual([]);
    } finally {
      await demo.stop();
    }
  });

  test("tabs that share have one connection, and all go on when it is cut and when its tab is closed", async () => {
    const demo = await startDemo();
    try {
      await using first = await gallery.open("/", 1280, demo.url);
      const second = await first.openTab();
      const tabs = [first, second];
      for (const tab of tabs) {
        // oxlint-disable no-await-in-loop -- one tab after the other
        await tab.page.check("#lock .strip-share input");
        await tab.start("lock");
        await tab.text("#lock .lock-now", "1 open stream,");
        // oxlint-enable no-await-in-loop
      }
      await second.text("#lock .stage-wire", "the client that has the shared connection reads on");
      await second.text("#lock .lock-now", "1 open stream,");

      await second.page.click('#lock .button:text("Cut the connection")');
      for (const tab of tabs) {
        // oxlint-disable-next-line no-await-in-loop -- each of them
        await tab.text("#lock .strip-opened", "opened 2 times");
      }
      await first.page.close();
      const before = await received(second);
      await expect.poll(async () => received(second), PATIENT).toBeGreaterThan(before + 4);
      await second.text("#lock .lock-now", "1 open stream,");

      await second.page.uncheck("#lock .strip-share input");
      await second.start("dashboard");
      await second.text("#lock .lock-now", "2 open streams,");
      expect(second.complaints.filter((text) => !text.includes("ERR_"))).toEqual([]);
    } finally {
      await demo.stop();
    }
  });

  test("with HISTORY_PATH, a page resumes where the server was killed and started again", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-history-"));
    const first = await startDemo({ HISTORY_PATH: folder });
    await using visit = await gallery.open("/", 1280, first.url);
    await enter(visit, "lock", "Ada");
    await say(visit, "Before the kill");
    await visit.text("#room .say", "Before the kill");
    await first.stop("SIGKILL");
    const second = await startDemo({ HISTORY_PATH: folder, PORT: new URL(first.url).port });
    try {
      await post(`${second.url}/rooms/lock/messages`, { name: "Eve", text: "After it" });
      await visit.text("#room .is-replayed", "After it");
      expect((await lines(visit)).map(({ text }) => text)).toEqual(["Before the kill", "After it"]);
      expect(await visit.page.locator("#room .reset").count()).toBe(0);
    } finally {
      await second.stop("SIGKILL");
      rmSync(folder, { recursive: true });
    }
  });

  test("nothing of it is wider than a phone, with a name and a message that never break", async () => {
    await using visit = await gallery.open("/", 390);
    const { page } = visit;
    await enter(visit, "weir", "W".repeat(24));
    await say(visit, "x".repeat(280));
    await visit.text("#room .say", "x".repeat(280));
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    const inside = await page
      .locator("#room .transcript")
      .evaluate((log) => log.scrollWidth - log.clientWidth);
    expect(inside).toBeLessThanOrEqual(0);
  });
});
