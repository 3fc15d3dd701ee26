import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Gallery, noBrowser } from "./gallery.js";

// A browser on a busy machine takes its time.
describe.skipIf(noBrowser)("the gallery, in a browser", { timeout: 60_000 }, () => {
  let gallery: Gallery;
  beforeAll(async () => {
    gallery = await Gallery.start();
  });
  afterAll(async () => {
    await gallery.stop();
  });

  describe("every example runs", () => {
    test.concurrent.each([
      ["countdown", 1],
      ["time", 2],
      ["resume", 1],
      ["metrics", 1],
      ["guard", 1],
      ["errors", 4],
      ["finite", 3],
      ["heartbeat", 1],
      ["retry", 1],
      ["fields", 7],
      ["post", 5],
      ["progress", 3],
    ])("%s shows its events beside the text on the wire", async (id, count) => {
      await using visit = await gallery.open();
      await visit.start(id);
      expect((await visit.events(id, count)).length).toBeGreaterThanOrEqual(count);
      await visit.text(`#${id} .stage-wire`, "content-type: text/event-stream");
      await visit.text(`#${id} .stage-wire .wire-field`, "data:");
      expect(visit.complaints).toEqual([]);
    });

    test.each([
      ["broadcast", "Reached 2 connections."],
      ["notifications", "Reached 2 connections."],
      ["activity", "Reached 2 connections."],
    ])("%s says how many connections a form reached", async (id, answer) => {
      await using visit = await gallery.open();
      await visit.page.click(`#${id} .call button`);
      await visit.text(`#${id} .call-answer`, "Reached nobody");
      await visit.start(id);
      await visit.state(id, "open");
      await visit.text(`#${id} .stage-wire`, "HTTP 200");
      await visit.page.click(`#${id} .call button`);
      await visit.text(`#${id} .call-answer`, answer);
      expect(await visit.events(id, 1)).toHaveLength(1);
      expect(visit.complaints).toEqual([]);
    });

    test("each folded example opens and streams", async () => {
      await using visit = await gallery.open();
      const { page } = visit;
      const folds = page.locator(".fold");
      const count = await folds.count();
      expect(count).toBe(23);
      for (let index = 0; index < count; index++) {
        const fold = folds.nth(index);
        // oxlint-disable no-await-in-loop -- a visitor opens one after another
        await fold.locator("summary").click();
        // EventSource has no way to send the header that the printed guard reads.
        if ((await fold.locator("h3").textContent()) !== "Guards") {
          await fold.locator(".button-main").click();
          await fold.locator(".stage-wire", { hasText: "HTTP 200" }).waitFor();
          await fold.locator(".state", { hasText: /open|reconnecting|completed/ }).waitFor();
          const stop = fold.locator('.button-main:text("Stop")');
          if (await stop.isVisible()) await stop.click();
        }
        await fold.locator("summary").click();
        // oxlint-enable no-await-in-loop
      }
      expect(visit.complaints).toEqual([]);
    });
  });

  describe.concurrent("what EventSource does by itself", () => {
    test("after a cut connection it goes on behind the last id, without gap or repetition", async () => {
      await using visit = await gallery.open();
      await visit.start("resume");
      await visit.events("resume", 2);
      await visit.page.click("#resume .button:text('Cut the connection')");
      await visit.text("#resume .stage-browser", "connection lost; the browser reconnects");
      await visit.text("#resume .stage-wire", "Last-Event-ID: ");
      await visit.events("resume", 5);
      await visit.stop("resume");
      const counts = (await visit.events("resume", 5))
        .map((data) => JSON.parse(data) as { count?: number })
        .flatMap(({ count }) => count ?? []);
      expect(counts).toEqual(counts.map((_, index) => index));
      expect(visit.complaints.filter((text) => !text.includes("ERR_"))).toEqual([]);
    });

    test("after the end of a finite stream it comes back once, is answered 204, and stops", async () => {
      await using visit = await gallery.open();
      const requests: string[] = [];
      visit.page.on("request", (request) => {
        if (request.resourceType() === "eventsource") {
          requests.push(request.headers()["last-event-id"] ?? "none");
        }
      });
      await visit.start("finite");
      await visit.state("finite", "completed");
      await visit.text("#finite .event-own", "sluice.end");
      await visit.text("#finite .stage-wire", "HTTP 204");
      expect(requests).toHaveLength(2);
      // In the time of three more events, a browser that came back each second would have done so.
      await visit.start("time");
      await visit.events("time", 3);
      expect(requests).toHaveLength(3);
      expect(visit.complaints).toEqual([]);
    });

    test("a final error stops it too, and a plain one does not", async () => {
      await using visit = await gallery.open();
      await visit.page.selectOption("#errors-case", "final");
      await visit.start("errors");
      await visit.text("#errors .event-own", '{"outcome":"failed"}');
      await visit.state("errors", "refused");
      await visit.page.selectOption("#errors-case", "later");
      await visit.start("errors");
      await visit.events("errors", 3);
      await visit.state("errors", "reconnecting");
      expect((await visit.events("errors", 6)).slice(3, 6)).toEqual([
        '{"level":2.4}',
        '{"level":2.6}',
        '{"level":2.9}',
      ]);
    });

    test("twelve clients at once each get their own stream", async () => {
      const visits = await Promise.all([1, 2, 3].map(async () => gallery.open()));
      const ids = await Promise.all(
        visits.map(async ({ page }) =>
          page.evaluate(async () => {
            const firstTwo = async () =>
              new Promise<string[]>((resolve, reject) => {
                const seen: string[] = [];
                const source = new EventSource("/events/countdown");
                source.addEventListener("error", () => reject(new Error("connection lost")));
                source.addEventListener("countdown", (event) => {
                  seen.push(event.lastEventId);
                  if (seen.length < 2) return;
                  source.close();
                  resolve(seen);
                });
              });
            return Promise.all([firstTwo(), firstTwo(), firstTwo(), firstTwo()]);
          }),
        ),
      );
      expect(ids.flat()).toEqual(Array.from({ length: 12 }, () => ["1", "2"]));
      for (const visit of visits) expect(visit.complaints).toEqual([]);
      await Promise.all(visits.map(async (visit) => visit[Symbol.asyncDispose]()));
    });
  });

  describe("the page", () => {
    test("a guard's refusal is a state, and the wire shows its status", async () => {
      await using visit = await gallery.open();
      for (const [token, status] of [
        ["stranger", "HTTP 401"],
        ["guest", "HTTP 403"],
      ] as const) {
        // oxlint-disable no-await-in-loop -- one attempt after another
        await visit.page.selectOption("#guard-token", token);
        await visit.start("guard");
        await visit.state("guard", "refused");
        await visit.text("#guard .stage-wire", status);
        // oxlint-enable no-await-in-loop
      }
      // The browser itself reports such answers; there is nothing else.
      expect(visit.complaints.filter((text) => !/status of 40[13]/.test(text))).toEqual([]);
    });

    test("beyond five connections it closes the oldest reader of a wire, and says so", async () => {
      await using visit = await gallery.open();
      const { page } = visit;
      for (const id of ["time", "metrics", "heartbeat"]) {
        // oxlint-disable-next-line no-await-in-loop -- the order counts
        await visit.start(id);
      }
      await visit.text(".announcer", "Stopped the wire reader of “Time”");
      await visit.text("#meter", "5 of 5 connections");
      await visit.text("#time .stage-wire", "closed to make room");
      await visit.state("time", "open");
      await visit.stop("metrics");
      await visit.text("#meter", "3 of 5 connections");
      expect(await page.locator('[aria-live="polite"]').count()).toBe(1);
      expect(visit.complaints).toEqual([]);
    });

    test("what arrives is shown as text, never as markup", async () => {
      await using visit = await gallery.open();
      const { page } = visit;
      const attack = "<img src=x onerror=\"document.title='taken'\">";
      await visit.start("broadcast");
      await visit.state("broadcast", "open");
      await page.fill("#broadcast-call-message", attack);
      await page.click("#broadcast .call button");
      const [data] = await visit.events("broadcast", 1);
      expect(JSON.parse(data!)).toEqual({ message: attack });
      expect(await page.locator("main img").count()).toBe(0);
      expect(await page.title()).not.toBe("taken");
      expect(visit.complaints).toEqual([]);
    });

    test("the source beside a stream is the controller's file", async () => {
      await using visit = await gallery.open();
      const source = await visit.page.locator("#countdown .code").textContent();
      expect(source).toContain('@Sse("countdown")');
      expect(source).toContain("export class CountdownController");
    });

    test("the curl command follows the fields", async () => {
      await using visit = await gallery.open();
      await visit.page.fill("#notifications-userId", "grace & co");
      const command = visit.page.locator("#notifications .curl-command");
      expect(await command.textContent()).toContain("?userId=grace%20%26%20co");
    });

    test("the first stop of the keyboard is the link past the header", async () => {
      await using visit = await gallery.open();
      await visit.page.keyboard.press("Tab");
      expect(await visit.page.evaluate(() => document.activeElement?.textContent)).toBe(
        "Skip to the examples",
      );
    });

    test("the theme that was chosen is there on the next visit", async () => {
      await using visit = await gallery.open();
      const { page } = visit;
      const background = async () =>
        page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const light = await background();
      await page.click("#theme");
      const dark = await background();
      expect(dark).not.toBe(light);
      await page.reload();
      expect(await background()).toBe(dark);
    });

    test("a phone has a way to every part of the page", async () => {
      await using visit = await gallery.open("/", 375);
      const { page } = visit;
      for (const link of await page.locator(".bar-nav a").all()) {
        // oxlint-disable-next-line no-await-in-loop -- one after another
        const box = await link.boundingBox();
        expect(box?.height).toBeGreaterThanOrEqual(24);
      }
      await page.click('.bar-nav a:text("Clients")');
      await page.waitForFunction(() => {
        const { top } = document.querySelector("#clients")!.getBoundingClientRect();
        return top >= 0 && top < innerHeight;
      });
    });

    test("a command that needs a job is there when the job is", async () => {
      await using visit = await gallery.open();
      const command = visit.page.locator("#progress .curl-command");
      expect(await command.isVisible()).toBe(false);
      await visit.start("progress");
      await visit.state("progress", "open");
      expect(await command.textContent()).toMatch(/\/jobs\/progress\/\w+/);
      expect(await command.isVisible()).toBe(true);
    });

    test.each([320, 390])("nothing is wider than a phone of %i pixels", async (width) => {
      await using visit = await gallery.open("/", width);
      const { page } = visit;
      for (const summary of await page.locator(".fold summary").all()) {
        // oxlint-disable-next-line no-await-in-loop -- all of them are open in the end
        await summary.click();
      }
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
    });
  });

  describe("the printed clients", () => {
    test("EventSource logs what it hears, and closes at the first error", async () => {
      await using visit = await gallery.open();
      const id = "client-event-source";
      await visit.start(id);
      await visit.text(`#${id} .log`, "Connection opened");
      await visit.text(`#${id} .log`, 'Message: {"count":0}');
      await visit.page.click(`#${id} .button:text("Cut the connection")`);
      await visit.text(`#${id} .console-error`, 'EventSource error: Event "error"');
      expect(await visit.page.locator(`#${id} .console-error`).count()).toBe(1);
    });

    test("exponential backoff reconnects by hand", async () => {
      await using visit = await gallery.open();
      const id = "client-backoff";
      await visit.start(id);
      await visit.text(`#${id} .log`, "Connected to server");
      await visit.page.click(`#${id} .button:text("Cut the connection")`);
      await visit.text(`#${id} .log`, "Reconnecting in 1000ms");
      const connected = visit.page.locator(`#${id} .console-line`, {
        hasText: "Connected to server",
      });
      await expect.poll(async () => connected.count(), { timeout: 20_000 }).toBe(2);
    });

    test("the React hook shows the metrics", async () => {
      await using visit = await gallery.open();
      await visit.start("client-react-hook");
      await visit.text("#client-react-hook .client-stage", 'Metrics: {"cpu":');
      await visit.stop("client-react-hook");
      expect(visit.complaints).toEqual([]);
    });

    test("the React component lists what is sent", async () => {
      await using visit = await gallery.open();
      const id = "client-live-events";
      await visit.start(id);
      await visit.text(`#${id} .client-stage`, "Live Server Events");
      await expect
        .poll(async () => {
          await visit.page.click(`#${id} .call button`);
          return visit.page.locator(`#${id} .client-stage li`).count();
        })
        .toBeGreaterThan(0);
      await visit.text(`#${id} .client-stage li`, "Server metrics refreshed");
      expect(visit.complaints).toEqual([]);
    });

    test("the HTML pages show presence, notifications and the counter", async () => {
      await using messages = await gallery.open("/clients/messages.html");
      await messages.text("#messages", "Online users: ");
      await fetch(`${gallery.demo.url}/express/notify`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ title: "T", message: "<b>M</b>" }),
      });
      await messages.text("#messages", "T: <b>M</b>");
      await using counter = await gallery.open("/clients/counter.html");
      await counter.text("#sse-data", "Server says: 1");
      expect([...messages.complaints, ...counter.complaints]).toEqual([]);
    });
  });
});
