import "reflect-metadata";
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { Controller, type SourceItem, Sse } from "@sluice/core";
import { sluice } from "@sluice/fastify";
import { type LeakWatch, watchLeaks } from "@sluice/testing";
import { createParser } from "eventsource-parser";
import Fastify from "fastify";
import { chromium } from "playwright-core";
import { type Dispatched, Fuzzer, NAMES } from "./fuzz-events.js";
import { watchMemory } from "./memory.js";
import { mulberry32 } from "./random.js";
import { settled } from "./settled.js";

/** Set by the test script where no browser could be found. */
export const noChromium = process.env["SLUICE_NO_CHROMIUM"] === "1";

export interface FuzzReport {
  readonly sent: number;
  readonly rejected: number;
  /** Events that were dispatched, of those that had to be. */
  readonly dispatched: number;
  readonly due: number;
  /** The first events that are not as they should be. */
  readonly wrong: readonly string[];
  /** Streams that are open, and sources that run, when the client has everything. */
  readonly leaked: readonly string[];
  readonly peakMemory: number;
}

/** Sends fuzzed events, and compares what comes with what has to come. */
class Comparison {
  sent = 0;
  dispatched = 0;
  due = 0;
  readonly wrong: string[] = [];
  readonly fuzzer: Fuzzer;
  readonly #count: number;
  /** What was sent and has not come yet. */
  #waiting: Dispatched[] = [];
  #at = 0;

  constructor(count: number, fuzzer: Fuzzer) {
    this.#count = count;
    this.fuzzer = fuzzer;
  }

  *frames(): Generator<SourceItem> {
    while (this.sent + this.fuzzer.rejected < this.#count) {
      const { frame, expected } = this.fuzzer.next();
      if (frame === undefined) continue;
      this.sent++;
      if (expected !== undefined) {
        this.due++;
        this.#waiting.push(expected);
      }
      yield frame;
    }
  }

  take({ event, lastId, data }: Dispatched): void {
    this.dispatched++;
    const expected = this.#waiting[this.#at++];
    if (this.#at === 10_000) {
      this.#waiting = this.#waiting.slice(this.#at);
      this.#at = 0;
    }
    if (expected?.event === event && expected.lastId === lastId && expected.data === data) return;
    if (this.wrong.length < 20)
      this.wrong.push(`${JSON.stringify({ event, lastId, data })} for ${JSON.stringify(expected)}`);
  }

  async report({ connections, producers }: LeakWatch, peakMemory: number): Promise<FuzzReport> {
    const { sent, dispatched, due, wrong, fuzzer } = this;
    const all = [...fuzzer.wrong, ...wrong];
    await settled(() => connections.size + producers.size === 0, 5_000);
    const leaked = [...connections, ...producers].map(([name, count]) => `${count} of ${name}`);
    return { sent, rejected: fuzzer.rejected, dispatched, due, wrong: all, leaked, peakMemory };
  }
}

/** Sends events over HTTP to a parser that others use; it passes over ids without data. */
export async function fuzzParser(count: number, seed: number): Promise<FuzzReport> {
  const comparison = new Comparison(count, new Fuzzer(mulberry32(seed), false));
  using memory = watchMemory();
  using leaks = watchLeaks();
  await using server = await serve(comparison);
  let lastId = "";
  const parser = createParser({
    onEvent({ event = "", id, data }) {
      lastId = id ?? lastId;
      if (event !== "sluice.end") comparison.take({ event, lastId, data });
    },
  });
  const asking = get(`${server.url}/fuzz`);
  const [response] = (await once(asking, "response")) as [IncomingMessage];
  response.setEncoding("utf8");
  for await (const text of response) parser.feed(text as string);
  return await comparison.report(leaks, memory.peak);
}

/** What the page tells of. */
interface Seen {
  readonly seen: Dispatched[];
  over: boolean;
}

/** Sends events to the `EventSource` of a browser. */
export async function fuzzBrowser(count: number, seed: number): Promise<FuzzReport> {
  const comparison = new Comparison(count, new Fuzzer(mulberry32(seed), true, NAMES));
  using memory = watchMemory();
  using leaks = watchLeaks();
  await using server = await serve(comparison);
  const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium-headless-shell";
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage();
    await page.goto(server.url);
    await page.evaluate((names) => {
      const seen: Dispatched[] = [];
      const world = Object.assign(globalThis, { seen, over: false });
      const source = new EventSource("/fuzz");
      const listen = (type: string, event: string): void =>
        source.addEventListener(type, ({ data, lastEventId }: MessageEvent<string>) => {
          seen.push({ event, lastId: lastEventId, data });
        });
      listen("message", "");
      for (const name of names) listen(name, name);
      source.addEventListener("sluice.end", () => {
        source.close();
        world.over = true;
      });
      return undefined;
    }, NAMES);
    let over = false;
    while (!over) {
      const text = await page.evaluate(async () => {
        const world = globalThis as unknown as Seen;
        // An event may come between two turns of this.
        while (world.seen.length === 0 && !world.over)
          await new Promise((resolve) => setTimeout(resolve, 10));
        const { over: isOver } = world;
        return JSON.stringify([isOver, world.seen.splice(0, 5_000), world.seen.length]);
      });
      const [isOver, seen, left] = JSON.parse(text) as [boolean, Dispatched[], number];
      for (const event of seen) comparison.take(event);
      over = isOver && left === 0;
    }
  } finally {
    await browser.close();
  }
  return await comparison.report(leaks, memory.peak);
}

async function serve(comparison: Comparison): Promise<AsyncDisposable & { readonly url: string }> {
  @Controller("fuzz")
  class FuzzController {
    @Sse()
    fuzz() {
      return comparison.frames();
    }
  }
  const app = Fastify({ forceCloseConnections: true });
  app.get("/", (_request, reply) =>
    reply.type("text/html").send("<!doctype html><title>fuzz</title>"),
  );
  await app.register(sluice, { controllers: [FuzzController] });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      await app.close();
    },
  };
}
