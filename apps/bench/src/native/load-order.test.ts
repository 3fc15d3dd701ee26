import { beforeAll, describe, expect, test } from "vitest";
import { compile } from "./compile.js";
import { chunk, chunkedHead, frame } from "./frames.js";
import { type LoadResults, runLoad } from "./load.js";
import { noCompiler } from "./no-compiler.js";
import { scripted } from "./scripted-server.js";

// What a connection gets, in writes of its own, when the client posts.
async function deliver(
  connections: number,
  expected: number,
  writes: readonly (readonly number[])[],
): Promise<LoadResults["fan"]> {
  await using server = await scripted({
    stream: ({ socket }) => socket.write(chunkedHead),
    command(_, clients) {
      for (const { socket } of clients) {
        for (const numbers of writes) socket.write(chunk(numbers.map(frame).join("")));
      }
    },
  });
  return await runLoad("fan", {
    ...server.target,
    connections,
    post: "/publish",
    expect: expected,
    settle: 0,
    timeout: 3000,
  });
}

describe.skipIf(noCompiler)("the load client checks every event on every connection:", () => {
  beforeAll(async () => void (await compile("load")));

  test.concurrent("all in order are neither lost nor doubled nor disordered", async () => {
    const result = await deliver(3, 5, [[1], [2, 3], [4, 5]]);
    expect(result).toMatchObject({
      connections: 3,
      heads: 3,
      ended: 0,
      events: 15,
      lost: 0,
      doubled: 0,
      disordered: 0,
    });
    expect(result.latency.max).toBeGreaterThanOrEqual(result.latency.p50);
    expect(result.latency.p50).toBeGreaterThan(0);
    expect(result.elapsed).toBeGreaterThanOrEqual(result.latency.max);
    expect(result.serverCpu).toBeGreaterThan(0);
    expect(result.clientCpu).toBeGreaterThan(0);
    expect(result.reads).toBeGreaterThanOrEqual(6);
  });

  test.concurrent.each([
    ["one is left out", [[1, 2, 4]], { events: 6, lost: 2, doubled: 0, disordered: 0 }],
    ["the first is left out", [[2], [3, 4]], { events: 6, lost: 2, doubled: 0, disordered: 0 }],
    ["the last is left out", [[1, 2], [3]], { events: 6, lost: 2, doubled: 0, disordered: 0 }],
    ["all are left out", [], { events: 0, lost: 8, doubled: 0, disordered: 0 }],
    ["one comes twice", [[1, 2, 2, 3, 4]], { events: 10, lost: 0, doubled: 2, disordered: 0 }],
    ["the last comes twice", [[1, 2, 3, 4, 4]], { events: 10, lost: 0, doubled: 2, disordered: 0 }],
    [
      "an old one comes again",
      [
        [1, 2, 3],
        [1, 4],
      ],
      { events: 10, lost: 0, doubled: 2 },
    ],
    ["two are swapped", [[1, 3, 2, 4]], { events: 8, lost: 0, doubled: 0, disordered: 2 }],
    ["the last two are swapped", [[1, 2, 4], [3]], { events: 8, lost: 0, disordered: 2 }],
    ["a late one comes twice", [[1, 3, 2, 2, 4]], { lost: 0, doubled: 2, disordered: 2 }],
  ])("%s", async (_, writes, wanted) => {
    expect(await deliver(2, 4, writes)).toMatchObject(wanted);
  });

  test.concurrent("one that is a long way behind counts as it should", async () => {
    const numbers = Array.from({ length: 100 }, (_, i) => i + 1);
    const late = (n: number, by: number): number[][] => [
      [...numbers.slice(0, n - 1), ...numbers.slice(n, n + by), n, ...numbers.slice(n + by)],
    ];
    expect(await deliver(1, 100, late(10, 63))).toMatchObject({ lost: 0, disordered: 1 });
    expect(await deliver(1, 100, late(10, 64))).toMatchObject({ lost: 1, doubled: 1 });

    const allLate = [[1, 65, ...numbers.slice(1, 64)]];
    expect(await deliver(1, 65, allLate)).toMatchObject({ lost: 0, doubled: 0, disordered: 63 });
  });

  test.concurrent("what a connection that the server ends did not get is lost", async () => {
    await using server = await scripted({
      stream: ({ socket }) => socket.write(chunkedHead),
      command(_, clients) {
        for (const { socket, index } of clients) {
          if (index === 0) socket.end(`${chunk(frame(1))}0\r\n\r\n`);
          else socket.write(chunk(frame(1) + frame(2)));
        }
      },
    });
    const options = { connections: 3, post: "/publish", expect: 2, settle: 0 };
    const result = await runLoad("fan", { ...server.target, ...options });
    expect(result).toMatchObject({ events: 5, lost: 1, ended: 1 });
  });
});
