import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { post, read } from "../test/read-stream.js";
import { type Demo, runDemo, startDemo } from "../test/start-demo.js";

/** What a channel gives its events. */
const ID = expect.stringMatching(/^1\.[\w-]{8}\.\d+$/) as string;

let demo: Demo;
const at = (path: string) => demo.url + path;

beforeAll(async () => {
  demo = await startDemo({ SSE_RETRY_TIMEOUT: "5000", KEEP_ALIVE: "1s" });
});
afterAll(async () => {
  await demo.stop();
});

describe("what other frameworks' guides show", () => {
  test("MoroJS: the retry time is sent when the stream opens", async () => {
    using stream = await read(at("/moro/events"));
    await stream.until("retry: 10000\n");
    expect(stream.raw).toBe("retry: 10000\n");
  });

  test("MoroJS: three event types on one stream", async () => {
    using stream = await read(at("/moro/kinds"));
    expect(await stream.take(3)).toEqual([
      { event: "message", data: "Hello" },
      { event: "update", data: '{"count":10}' },
      { event: "error", data: '{"message":"Error"}' },
    ]);
  });

  test("Express: a greeting, and a broadcast of plain text with the number of clients", async () => {
    using stream = await read(at("/express-basic/events"));
    expect(await stream.take(1)).toEqual([{ data: "Connected to server" }]);
    const answer = await post(at("/express-basic/broadcast"), { message: "Hi" });
    expect(await answer.json()).toEqual({ sent: 1 });
    expect(await stream.take(1)).toEqual([{ id: ID, data: "Hi" }]);
  });

  test("Express: each client is told its id and how many there are, and resumes with the channel's ids", async () => {
    using first = await read(at("/express/events"));
    const [online, count] = await first.take(2);
    expect(online?.event).toBe("user-online");
    expect(JSON.parse(online!.data)).toEqual({ clientId: expect.any(Number) as number });
    expect(count).toEqual({ event: "user-count", data: '{"count":1}' });
    using second = await read(at("/express/events"));
    expect((await second.take(2))[1]).toMatchObject({ data: '{"count":2}' });
    const answer = await post(at("/express/notify"), { title: "T", message: "M" });
    expect(await answer.json()).toEqual({ ok: true });
    const [notification] = await first.take(1);
    const data = '{"title":"T","message":"M"}';
    expect(notification).toEqual({ event: "notification", id: ID, data });
    expect(await second.take(1)).toEqual([notification]);
    await post(at("/express/notify"), { title: "U", message: "N" });
    const headers = { "Last-Event-ID": notification!.id! };
    using resumed = await read(at("/express/events"), { headers });
    expect((await resumed.take(3))[2]?.data).toBe('{"title":"U","message":"N"}');
  });

  test("Express: a notification goes to the connections of one user", async () => {
    using stream = await read(at("/express/events/user-123"));
    expect(await stream.take(1)).toEqual([{ data: "Connected" }]);
    await post(at("/express/notify/user-456"), { text: "not for you" });
    await post(at("/express/notify/user-123"), { text: "for you" });
    expect(await stream.take(1)).toEqual([{ id: ID, data: '{"text":"for you"}' }]);
  });

  test("Express: analytics come once a second", async () => {
    using stream = await read(at("/express/analytics"));
    const number = expect.any(Number) as number;
    const [stats] = await stream.take(1);
    expect(JSON.parse(stats!.data)).toEqual({
      activeUsers: number,
      requests: number,
      uptime: number,
    });
  });

  test("Express service: SSE_RETRY_TIMEOUT opens /api/events, and /api/send reaches it", async () => {
    using stream = await read(at("/api/events"));
    await stream.until("retry: 5000\n");
    const body = { event: "update", data: { message: "Server metrics refreshed" } };
    expect(await (await post(at("/api/send"), body)).json()).toEqual({ sent: 1 });
    expect(await stream.take(1)).toEqual([
      { event: "update", id: ID, data: '{"message":"Server metrics refreshed"}' },
    ]);
  });

  test("JavaScript snippet: a counter from zero", async () => {
    using stream = await read(at("/counter/events"));
    expect(await stream.take(2)).toEqual([{ data: "0" }, { data: "1" }]);
  });
});

describe("the server", () => {
  test("KEEP_ALIVE sets after how much silence a comment is sent", async () => {
    using stream = await read(at("/activity/stream"));
    await stream.until(":");
    expect(stream.raw).toMatch(/^:[^\n]*\n/);
  });

  test.each(["http://localhost:5173", "http://127.0.0.1:8080", "http://[::1]:3001"])(
    "a page of %s may read the streams",
    async (Origin) => {
      using stream = await read(at("/counter/events"), { headers: { Origin } });
      expect(stream.response.headers.get("access-control-allow-origin")).toBe(Origin);
    },
  );

  test.each(["https://example.org", "http://localhost.example.org", "null"])(
    "a page of %s may not",
    async (Origin) => {
      using stream = await read(at("/counter/events"), { headers: { Origin } });
      expect(stream.response.headers.get("access-control-allow-origin")).toBeNull();
    },
  );

  test("a connection with a handle can be cut, and no other is", async () => {
    const mine = await read(at("/events/updates?handle=mine"));
    using other = await read(at("/events/updates?handle=other"));
    await mine.take(1);
    await other.take(1);
    const cut = await fetch(at("/connections/mine/cut"), { method: "POST" });
    expect(await cut.json()).toEqual({ cut: 1 });
    await expect(mine.rest()).rejects.toThrow(/terminated/);
    expect(await other.take(1)).toHaveLength(1);
    const again = await fetch(at("/connections/mine/cut"), { method: "POST" });
    expect(await again.json()).toEqual({ cut: 0 });
  });

  test("a connection with a handle knows when it was opened, by the server's clock", async () => {
    expect((await fetch(at("/connections/dated"))).status).toBe(404);
    const before = Date.now();
    using stream = await read(at("/events/updates?handle=dated"));
    await stream.take(1);
    const { opened } = (await (await fetch(at("/connections/dated"))).json()) as { opened: number };
    expect(opened).toBeGreaterThanOrEqual(before);
    expect(opened).toBeLessThanOrEqual(Date.now());
  });

  test.each(["SIGTERM", "SIGINT"] as const)(
    "%s ends open streams, each with a time to come back at, and exits with 0",
    async (signal) => {
      const short = await startDemo();
      const stream = await read(`${short.url}/events/time`);
      await stream.take(1);
      const code = short.stop(signal);
      await stream.rest();
      expect(stream.raw).toMatch(/\nretry: \d+\n/);
      expect(stream.raw).not.toContain("sluice.end");
      expect(await code).toBe(0);
    },
  );

  test("with HISTORY_PATH, who comes back after a restart gets what was published before it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-history-"));
    try {
      const first = await startDemo({ HISTORY_PATH: folder });
      const stream = await read(`${first.url}/rooms/lock?name=Ada`);
      const [came] = await stream.take(1);
      stream.close();
      await post(`${first.url}/rooms/lock/messages`, { name: "Ada", text: "Before the restart" });
      expect(await first.stop()).toBe(0);

      const second = await startDemo({ HISTORY_PATH: folder });
      await post(`${second.url}/rooms/lock/messages`, { name: "Ada", text: "After it" });
      const headers = { "Last-Event-ID": came!.id! };
      using back = await read(`${second.url}/rooms/lock?name=Ada`, { headers });
      await back.until("After it");
      expect(back.raw).not.toContain("sluice.reset");
      expect(back.raw.match(/"text":"[^"]*"/g)).toEqual([
        '"text":"Before the restart"',
        '"text":"After it"',
      ]);
      back.close();
      await second.stop();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("with --keep-history, as npm start has it, the history of a port survives without a setting", async () => {
    const free = await startDemo();
    const { port: PORT } = new URL(free.url);
    await free.stop();
    const folder = fileURLToPath(new URL(`../dist/history/${PORT}`, import.meta.url));
    const keep = ["--keep-history"];
    try {
      const first = await startDemo({ PORT }, keep);
      const stream = await read(`${first.url}/stream`);
      await stream.until("sluice.position");
      const position = /^id: (.*)$/m.exec(stream.raw)![1]!;
      stream.close();
      await post(`${first.url}/broadcast`, { message: "Kept" });
      await first.stop("SIGKILL");

      const second = await startDemo({ PORT }, keep);
      const headers = { "Last-Event-ID": position };
      using back = await read(`${second.url}/stream`, { headers });
      expect((await back.take(1))[0]?.data).toBe('{"message":"Kept"}');
      back.close();
      await second.stop();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test("a history that can't be opened is one sentence on stderr, and exit code 1", async () => {
    const { code, stdout, stderr } = await runDemo({
      PORT: "0",
      HISTORY_PATH: "/dev/null/history",
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^[^\n]*\/dev\/null\/history[^\n]*\n$/);
  });

  test("a setting that can't be used is one sentence on stderr, and exit code 1", async () => {
    expect(await runDemo({ PORT: "http" })).toEqual({
      code: 1,
      stdout: "",
      stderr: 'PORT is "http", but must be a whole number from 0 to 65535.\n',
    });
  });

  test("a port that is taken is one sentence on stderr, and exit code 1", async () => {
    const { code, stdout, stderr } = await runDemo({
      PORT: new URL(demo.url).port,
      HOST: "127.0.0.1",
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^Port \d+ is taken: choose another, .*\n$/);
  });
});
