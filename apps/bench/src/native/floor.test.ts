import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compile } from "./compile.js";
import { type LoadTarget, runLoad } from "./load.js";
import { noCompiler } from "./no-compiler.js";

const good = { lost: 0, doubled: 0, disordered: 0, ended: 0 };

describe.skipIf(noCompiler)("the floor", () => {
  let server: ChildProcess;
  let target: LoadTarget;

  beforeAll(async () => {
    await compile("load");
    server = spawn(await compile("floor"), { stdio: ["ignore", "pipe", "inherit"] });
    const lines = createInterface(server.stdout ?? process.stdin);
    const [line] = (await once(lines, "line")) as [string];
    target = JSON.parse(line) as LoadTarget;
  });

  afterAll(async () => {
    server.kill("SIGTERM");
    await once(server, "exit");
  });

  const ask = async (path: string, method = "GET"): Promise<Response> =>
    await fetch(`http://127.0.0.1:${target.control}${path}`, { method });

  test("prints where it listens", () => {
    expect(target).toEqual({
      port: expect.any(Number),
      control: expect.any(Number),
      pid: server.pid,
    });
  });

  test("delivers everything in order to 200 connections", async () => {
    const result = await runLoad("fan", {
      ...target,
      connections: 200,
      post: "/publish?turns=20&burst=5&gap=1",
      expect: 100,
      settle: 0,
    });
    expect(result).toMatchObject({ ...good, heads: 200, events: 20_000 });
    expect(result.serverCpu).toBeGreaterThan(0);
  });

  test("delivers to each channel its own", async () => {
    const result = await runLoad("fan", {
      ...target,
      connections: 90,
      channels: 3,
      post: "/publish?turns=10&burst=4&gap=1&channels=3",
      // 40 events over three channels: the first has one more.
      expect: 13,
      settle: 0,
    });
    expect(result).toMatchObject({ ...good, events: 13 * 90 + 30 });
  });

  test("keeps what a socket does not take, and sends it on in order", async () => {
    const result = await runLoad("fan", {
      ...target,
      connections: 5,
      // 10 MB a turn: more than the buffers of a socket.
      post: "/publish?turns=4&burst=100&gap=1&pad=100000",
      expect: 400,
      settle: 0,
    });
    expect(result).toMatchObject({ ...good, events: 2_000 });
    expect(result.bytes).toBeGreaterThan(200_000_000);
  });

  test("holds idle connections", async () => {
    const result = await runLoad("idle", { ...target, connections: 500, hold: 10, settle: 0 });
    expect(result).toMatchObject({ ...good, heads: 500, events: 0 });
  });

  test("answers commands", async () => {
    expect((await ask("/gc", "POST")).status).toBe(204);
    expect((await ask("/go", "POST")).status).toBe(404);
    const stats: unknown = await (await ask("/stats")).json();
    expect(stats).toMatchObject({ rss: expect.any(Number), connections: 0, live: 0 });
    expect((await fetch(`http://127.0.0.1:${target.port}/one`)).status).toBe(404);
  });

  test("shows that the load client is no bottleneck", async () => {
    const connections = 1_000;
    const fan = async (burst: number) => {
      const post = `/publish?turns=20&gap=20&burst=${burst}`;
      return await runLoad("fan", { ...target, connections, post, expect: 20 * burst });
    };
    const [single, joined] = [await fan(1), await fan(100)];
    const each = (result: { clientCpu: number; events: number }): number =>
      result.clientCpu / result.events / 1_000;
    console.log(
      `The load client at ${connections} connections: ${each(single).toFixed(2)} us a delivery (the server: ` +
        `${(single.serverCpu / single.events / 1_000).toFixed(2)} us), joined ${each(joined).toFixed(2)} us an event`,
    );
    expect(single).toMatchObject({ ...good, events: 20_000 });
    expect(joined).toMatchObject({ ...good, events: 2_000_000 });
    // Nearly all of a lone delivery is the kernel's; joined ones show what is its own.
    expect(each(joined)).toBeLessThan(1);
  });
});
