import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { type Demo, startDemo } from "./start-demo.js";

const PAGE = fileURLToPath(new URL("../dist/web/index.html", import.meta.url));

/** Set by the test script where no browser could be found. */
export const noBrowser = process.env["SLUICE_NO_CHROMIUM"] === "1";

/** A browser, and the demo that it looks at. */
export class Gallery {
  private constructor(
    readonly demo: Demo,
    readonly browser: Browser,
  ) {}

  static async start(): Promise<Gallery> {
    if (!existsSync(PAGE)) throw new Error("The page is not built. Run `npm test -- apps/demo`.");
    const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium-headless-shell";
    const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
    return new Gallery(await startDemo(), browser);
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.demo.stop();
  }

  /**
   * Opens the page in a browser context, and with it a pool of connections, of its own.
   *
   * @param server - another demo than the gallery's
   */
  async open(path = "/", width = 1280, server = this.demo.url): Promise<Visit> {
    const context = await this.browser.newContext({ viewport: { width, height: 900 } });
    const page = await context.newPage();
    page.setDefaultTimeout(50_000);
    const visit = new Visit(page);
    await page.goto(server + path);
    return visit;
  }
}

/** One visit of the page. */
export class Visit {
  /** What the browser complained about. */
  readonly complaints: string[] = [];

  constructor(readonly page: Page) {
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") {
        this.complaints.push(message.text());
      }
    });
    page.on("pageerror", (error) => this.complaints.push(error.message));
  }

  /** Opens the page in another tab of the same browser. It is closed with this visit. */
  async openTab(): Promise<Visit> {
    const page = await this.page.context().newPage();
    page.setDefaultTimeout(50_000);
    const visit = new Visit(page);
    await page.goto(this.page.url());
    return visit;
  }

  async start(id: string): Promise<void> {
    await this.page.click(`#${id} .button-main`);
  }

  async stop(id: string): Promise<void> {
    await this.page.click(`#${id} .button-main:text("Stop")`);
  }

  /** Waits until a card says that its stream is in a state. */
  async state(id: string, state: string): Promise<void> {
    await this.page.waitForSelector(`#${id} .state:text-is("${state}")`);
  }

  /** Waits until a part of a card contains a text. */
  async text(selector: string, text: string): Promise<void> {
    await this.page.locator(selector).filter({ hasText: text }).first().waitFor();
  }

  /** Waits until a card has received so many events, and returns their data. */
  async events(id: string, count: number): Promise<string[]> {
    const lines = this.page.locator(`#${id} .event`);
    await lines.nth(count - 1).waitFor();
    return lines.locator(".event-data").allTextContents();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close();
  }
}
