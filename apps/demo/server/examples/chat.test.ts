import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { read, type Received } from "../../test/read-stream.js";
import { type Demo, startDemo } from "../../test/start-demo.js";

const FAST = { TOKENS_PER_SECOND: "1000" };
const PROMPT = "How does a client resume?";

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo(FAST);
});
afterAll(async () => {
  await demo.stop();
});

interface Asking {
  readonly prompt?: unknown;
  readonly visitor?: string;
  readonly lastEventId?: string;
  readonly url?: string;
}

function headersOf({ visitor = "ada", lastEventId }: Asking): Record<string, string> {
  return {
    "Content-Type": "application/json",
    "X-Visitor": visitor,
    ...(lastEventId !== undefined && { "Last-Event-ID": lastEventId }),
  };
}

async function ask(id: string, asking: Asking = {}) {
  const { prompt = PROMPT, url = demo.url } = asking;
  const body = JSON.stringify({ prompt });
  return read(`${url}/chat/${id}`, { method: "POST", headers: headersOf(asking), body });
}

async function follow(id: string, asking: Asking = {}) {
  return read(`${asking.url ?? demo.url}/chat/${id}`, { headers: headersOf(asking) });
}

async function stop(id: string, asking: Asking = {}): Promise<unknown> {
  const { "X-Visitor": visitor } = headersOf(asking);
  const init = { method: "DELETE", headers: { "X-Visitor": visitor! } };
  return (await fetch(`${demo.url}/chat/${id}`, init)).json();
}

function textOf(events: readonly Received[]): string {
  return events
    .filter(({ event }) => event === "token")
    .map(({ data }) => (JSON.parse(data) as { text: string }).text)
    .join("");
}

describe.concurrent("the chat", () => {
  test("an answer begins with its prompt and its length, comes in tokens, and is done", async () => {
    const events = await (await ask("whole")).rest();
    expect(events[0]?.event).toBe("start");
    const start = JSON.parse(events[0]!.data) as { prompt: string; about: number };
    expect(start).toMatchObject({ prompt: PROMPT });
    expect(events.length - 2).toBeGreaterThanOrEqual(start.about);
    expect(events.at(-1)).toMatchObject({ event: "sluice.end", data: '{"outcome":"done"}' });
    expect(textOf(events)).toMatch(/^[A-Z].*[.!?]$/s);
  });

  test("whoever asks again under its id, or follows it, gets the same events", async () => {
    const first = await ask("shared");
    const begun = await first.take(5);
    const [again, following] = [await ask("shared"), await follow("shared")];
    const all = [...begun, ...(await first.rest())];
    expect(await again.rest()).toEqual(all);
    expect(await following.rest()).toEqual(all);
    // And so it is once it is over.
    expect(await (await ask("shared")).rest()).toEqual(all);
  });

  test("who comes back with the last id gets the rest, and nothing twice", async () => {
    const first = await ask("back");
    const begun = await first.take(10);
    first.close();
    const rest = await (await ask("back", { lastEventId: begun.at(-1)!.id! })).rest();
    const whole = await (await follow("back")).rest();
    expect([...begun, ...rest]).toEqual(whole);
  });

  test("an answer is its visitor's own: others find none under its id, and their own question is another", async () => {
    const mine = await ask("own");
    await mine.take(2);
    await expect(follow("own", { visitor: "eve" })).rejects.toThrow("404");
    const theirs = await (await ask("own", { visitor: "eve" })).rest();
    expect(textOf(theirs)).not.toBe(textOf(await (await follow("own")).rest()));
    mine.close();
  });

  test("stopped, it is over for all who listen, and for those who come later", async () => {
    const first = await ask("stopped");
    const begun = await first.take(3);
    const second = await follow("stopped");
    expect(await stop("stopped", { visitor: "eve" })).toEqual({ stopped: false });
    expect(await stop("stopped")).toEqual({ stopped: true });
    const all = [...begun, ...(await first.rest())];
    expect(all.at(-1)).toMatchObject({ event: "sluice.end", data: '{"outcome":"cancelled"}' });
    expect(await second.rest()).toEqual(all);
    expect(await (await ask("stopped")).rest()).toEqual(all);
    expect(await stop("stopped")).toEqual({ stopped: false });
  });

  test.each([[""], ["   "], ["x".repeat(301)], [7], [undefined]])(
    "a prompt of %o is refused with 400, and named",
    async (prompt) => {
      const answer = await fetch(`${demo.url}/chat/refused`, {
        method: "POST",
        headers: headersOf({}),
        body: JSON.stringify({ prompt }),
      });
      expect(answer.status).toBe(400);
      expect(((await answer.json()) as { message: string }).message).toContain("body.prompt");
    },
  );

  test.each(["SIGTERM", "SIGKILL"] as const)(
    "with HISTORY_PATH, an answer goes on where it was after %s and a new start",
    async (signal) => {
      const folder = mkdtempSync(join(tmpdir(), "sluice-chat-"));
      try {
        // Slow enough to be ended on the way.
        const first = await startDemo({ HISTORY_PATH: folder, TOKENS_PER_SECOND: "12" });
        const reading = await ask("restarted", { url: first.url });
        const before = await reading.take(8);
        const lost = reading.rest().catch(() => []);
        await first.stop(signal);
        await lost;

        const second = await startDemo({ HISTORY_PATH: folder, ...FAST });
        const { url } = second;
        const lastEventId = before.at(-1)!.id!;
        const events = await (await ask("restarted", { url, lastEventId })).rest();
        expect(events[0]).toMatchObject({ event: "sluice.reset" });
        const again = events.slice(1);
        // Data and times are those of the first: it was said again, not made again.
        expect(again.slice(0, 8).map(({ data }) => data)).toEqual(before.map(({ data }) => data));
        expect(again.at(-1)).toMatchObject({ event: "sluice.end", data: '{"outcome":"done"}' });
        expect(textOf(again).length).toBeGreaterThan(textOf(before).length);
        expect(await (await follow("restarted", { url })).rest()).toEqual(again);
        await second.stop();
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});
