import type { Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { compile } from "./compile.js";
import { chunk, chunkedHead, frame, plainHead } from "./frames.js";
import { runLoad } from "./load.js";
import { noCompiler } from "./no-compiler.js";
import { scripted } from "./scripted-server.js";

const good = { lost: 0, doubled: 0, disordered: 0 };
const frames = (...numbers: number[]): string => numbers.map(frame).join("");
const withCrLf = (text: string): string => text.replaceAll("\n", "\r\n");

// Chunks that begin and end anywhere, as long as the text lasts.
function scattered(text: string): string {
  const lengths = [1, 2, 7, 30, 1, 15];
  let rest = text;
  let chunks = "";
  for (let i = 0; rest !== ""; i++) {
    const length = lengths[i % lengths.length] ?? 1;
    chunks += chunk(rest.slice(0, length));
    rest = rest.slice(length);
  }
  return `${chunks}0\r\n\r\n`;
}

async function writeSlowly(socket: Socket, bytes: string): Promise<void> {
  for (const byte of bytes) {
    socket.write(byte);
    await turn();
  }
}

const streams: [string, () => string][] = [
  ["an event a chunk", () => chunkedHead + [1, 2, 3].map((n) => chunk(frame(n))).join("")],
  ["joined events", () => chunkedHead + chunk(frames(1, 2, 3))],
  ["chunks that end anywhere", () => chunkedHead + scattered(`: hello\n\n${frames(1, 2, 3)}`)],
  ["CR LF line ends", () => chunkedHead + scattered(withCrLf(frames(1, 2, 3)))],
  ["a body without chunks", () => plainHead + frames(1, 2, 3)],
  [
    "chunks with extensions, and trailers",
    () =>
      `${chunkedHead}A0;name="x;y"\r\n${frames(1, 2, 3).padEnd(160, "\n")}\r\n0\r\nA: b\r\n\r\n`,
  ],
  [
    "wrapped payloads and no blank behind the colon",
    () => {
      const wrapped = (n: number): string =>
        `id:${n}\ndata:{"channel":"fan","payload":{"n":${n},"t":1}}\n\n`;
      return chunkedHead + chunk(`data: {}\n\n${wrapped(1)}${wrapped(2)}`) + chunk(wrapped(3));
    },
  ],
];

describe.skipIf(noCompiler)("the load client reads", () => {
  beforeAll(async () => void (await compile("load")));

  test.concurrent.each(streams)("%s, wherever the bytes are split", async (_, make) => {
    const bytes = make();
    // Each connection is split at another place: what comes after that is sent when all the rest is read.
    await using server = await scripted({
      stream: ({ socket, index }) => socket.write(bytes.slice(0, index + 1)),
      command(_, clients) {
        for (const { socket, index } of clients) socket.end(bytes.slice(index + 1));
      },
    });
    const connections = bytes.length;
    const options = { connections, post: "/publish", expect: 3, settle: 0 };
    const result = await runLoad("fan", { ...server.target, ...options });
    expect(result).toMatchObject({ ...good, events: 3 * connections });
    expect(result.bytes).toBe(connections * connections);
  });

  test.concurrent.each(streams)("%s, byte by byte", async (_, make) => {
    const bytes = make();
    await using server = await scripted({
      stream: ({ socket }) => void writeSlowly(socket, bytes),
    });
    const options = { connections: 4, post: "/publish", expect: 3, settle: 0 };
    const result = await runLoad("fan", { ...server.target, ...options });
    expect(result).toMatchObject({ ...good, events: 12, bytes: 4 * bytes.length });
  });

  test("events of 100 KB", async () => {
    const pad = "x".repeat(100_000);
    const padded = (n: number): string => `data: {"n":${n},"t":1,"pad":"${pad}"}\n\n`;
    await using server = await scripted({
      stream: ({ socket }) => socket.write(chunkedHead),
      command(_, clients) {
        for (const { socket } of clients) {
          for (let n = 1; n <= 20; n++) socket.write(chunk(padded(n)));
        }
      },
    });
    const options = { connections: 10, post: "/publish", expect: 20, settle: 0 };
    const result = await runLoad("fan", { ...server.target, ...options });
    expect(result).toMatchObject({ ...good, events: 200 });
    expect(result.bytes).toBeGreaterThan(20_000_000);
  });

  test("an event only when its empty line has come", async () => {
    await using server = await scripted({
      stream: ({ socket }) => socket.write(chunkedHead),
      command(_, [client]) {
        client?.socket.end(`${chunk(frame(1) + frame(2).slice(0, -1))}0\r\n\r\n`);
      },
    });
    const options = { connections: 1, post: "/publish", expect: 2, settle: 0 };
    const result = await runLoad("fan", { ...server.target, ...options });
    expect(result).toMatchObject({ events: 1, lost: 1, ended: 1 });
  });
});
