import { beforeAll, describe, expect, test } from "vitest";
import { compile } from "./compile.js";
import { chunk, chunkedHead, frame } from "./frames.js";
import { runLoad } from "./load.js";
import { noCompiler } from "./no-compiler.js";
import { scripted } from "./scripted-server.js";

describe.skipIf(noCompiler)("the load client's scenario", () => {
  beforeAll(async () => void (await compile("load")));

  test.concurrent("fan joins the channels in turn", async () => {
    await using server = await scripted({
      stream: ({ socket }) => socket.write(chunkedHead),
      command(_, clients) {
        for (const { socket } of clients) socket.write(chunk(frame(1)));
      },
    });
    const options = { connections: 5, channels: 3, post: "/publish?channels=3", expect: 1 };
    const result = await runLoad("fan", { ...server.target, ...options, settle: 0 });
    expect(result).toMatchObject({ events: 5, lost: 0 });
    expect(server.clients.map(({ path }) => path)).toEqual([
      "/fan/0",
      "/fan/1",
      "/fan/2",
      "/fan/0",
      "/fan/1",
    ]);
    expect(server.commands).toEqual(["/publish?channels=3"]);
  });

  test.concurrent("fan goes on without heads where the server sends none before the first event", async () => {
    await using server = await scripted({
      stream: () => undefined,
      command(_, clients) {
        for (const { socket } of clients) socket.write(chunkedHead + chunk(frame(1)));
      },
    });
    const options = { connections: 200, post: "/publish", expect: 1, settle: 0 };
    const result = await runLoad("fan", { ...server.target, ...options });
    expect(result).toMatchObject({ heads: 0, events: 200, lost: 0 });
  });

  test.concurrent("idle counts comments, and reads the server's memory", async () => {
    await using server = await scripted({
      stream: ({ socket }) => socket.write(chunkedHead + chunk(": one\n\n") + chunk(":\n")),
    });
    const options = { connections: 10, hold: 50, settle: 0 };
    const result = await runLoad("idle", { ...server.target, ...options });
    expect(result).toMatchObject({ connections: 10, heads: 10, comments: 20, events: 0 });
    const { rss } = process.memoryUsage();
    expect(result.rssBefore).toBeGreaterThan(rss / 4);
    expect(result.rssAfter).toBeLessThan(rss * 4);
    expect(result.elapsed).toBeGreaterThanOrEqual(50_000_000);
    expect(server.commands).toEqual(["/gc", "/gc"]);
  });

  test.concurrent("open comes and goes, some at a time", async () => {
    let open = 0;
    let most = 0;
    await using server = await scripted({
      stream({ socket }) {
        most = Math.max(most, ++open);
        socket.on("end", () => open--);
        socket.write(chunkedHead + chunk(frame(1)));
      },
    });
    const options = { connections: 100, concurrency: 4, settle: 0 };
    const result = await runLoad("open", { ...server.target, ...options });
    expect(result).toMatchObject({ connections: 100, events: 100, lost: 0, doubled: 0 });
    expect(result.latency.p50).toBeGreaterThan(0);
    expect(server.clients).toHaveLength(100);
    // A new client may be seen before the end of the one whose place it takes.
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(8);
  });

  test.concurrent("replay learns the first event's id and comes back with it", async () => {
    const event = (n: number): string => `id: e-${n}\n${frame(n)}id: later\n\n`;
    await using server = await scripted({
      stream({ socket, head }) {
        socket.write(chunkedHead + chunk("id: early\nevent: position\ndata: {}\n\n"));
        if (!head.includes("Last-Event-ID: e-7\r\n")) return;
        for (let n = 8; n <= 57; n++) socket.write(chunk(event(n)));
      },
      command(path, clients) {
        if (path === "/fill?events=1") clients.at(-1)?.socket.write(chunk(event(7)));
      },
    });
    const result = await runLoad("replay", { ...server.target, expect: 50, times: 3 });
    expect(result).toMatchObject({ connections: 3, events: 150, lost: 0, doubled: 0 });
    expect(result.times).toHaveLength(3);
    expect(Math.min(...result.times)).toBeGreaterThan(0);
    expect(server.commands).toEqual(["/fill?events=1", "/fill?events=50"]);
  });

  test.concurrent("replay with a given id fills nothing", async () => {
    await using server = await scripted({
      stream({ socket, head }) {
        socket.write(chunkedHead);
        const from = /Last-Event-ID: mine\r\n/.test(head) ? 3 : 1;
        for (let n = from; n <= 5; n++) socket.write(chunk(frame(n)));
      },
    });
    const options = { expect: 3, times: 2, lastEventId: "mine" };
    const result = await runLoad("replay", { ...server.target, ...options });
    expect(result).toMatchObject({ events: 6, lost: 0 });
    expect(server.commands).toEqual([]);
  });

  test.concurrent.each([
    ["is closed", 1],
    ["is kept", 0],
  ])("stall tells that a client that does not read %s", async (_, closed) => {
    const pad = `: ${"x".repeat(1_000_000)}\n`;
    await using server = await scripted({
      stream: ({ socket }) => socket.write(chunkedHead),
      command(path, [stalled, reader]) {
        if (path !== "/publish") return;
        for (let i = 0; i < 10; i++) stalled?.socket.write(chunk(pad));
        if (closed === 1) stalled?.socket.destroy();
        reader?.socket.write(chunk(frame(1)) + chunk(frame(2)));
      },
      stats: () => ({ live: 3 }),
    });
    const result = await runLoad("stall", {
      ...server.target,
      post: "/publish",
      expect: 2,
      settle: 0,
    });
    expect(result).toMatchObject({ connections: 2, heads: 2, events: 2, lost: 0, live: 3 });
    expect(result.stalledClosed).toBe(closed);
    expect(result.rssPeak).toBeGreaterThanOrEqual(result.rssBefore);
  });

  test.concurrent("leave asks until no generator lives", async () => {
    let asked = 0;
    await using server = await scripted({
      stream: ({ socket }) => socket.write(chunkedHead + chunk(frame(1))),
      stats: () => ({ live: ++asked === 1 ? 2 : 0 }),
    });
    const result = await runLoad("leave", { ...server.target, connections: 3 });
    expect(result).toMatchObject({ connections: 3, events: 3, live: 0 });
    expect(asked).toBe(2);
    expect(server.clients.every(({ socket }) => socket.destroyed)).toBe(true);
  });
});
