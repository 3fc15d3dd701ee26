import "reflect-metadata";
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { Controller, Signal, Sse } from "@sluice/core";
import { sluice } from "@sluice/fastify";
import { watchLeaks } from "@sluice/testing";
import Fastify, { type FastifyInstance } from "fastify";
import { expect, it, onTestFinished } from "vitest";

const noCurl = process.env["SLUICE_NO_CURL"] === "1";

/** How each generator has ended. */
const ends: string[] = [];

@Controller("ticks")
class TicksController {
  @Sse(":name")
  async *ticks(@Signal() signal: AbortSignal) {
    try {
      for (let n = 0; ; n++) {
        yield { id: String(n), data: n };
        await delay(10, undefined, { signal });
      }
    } finally {
      ends.push(signal.aborted ? "aborted" : "not aborted");
    }
  }
}

/** Asks by HTTP/2 without an upgrade, and shows the head before the body. */
function curl(...args: readonly string[]) {
  const program = process.env["CURL_PATH"] ?? "curl";
  const options = ["--silent", "--no-buffer", "--include", "--http2-prior-knowledge"];
  const child = spawn(program, [...options, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

it.skipIf(noCurl)(
  "C1: curl gets a stream over HTTP/2 as it comes, and its generator ends with the session, whoever ends it",
  async () => {
    const app = Fastify({ http2: true }) as unknown as FastifyInstance;
    onTestFinished(() => app.close());
    await app.register(sluice, { controllers: [TicksController] });
    await app.listen({ host: "127.0.0.1", port: 0 });
    const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/ticks/one`;
    using leaks = watchLeaks();

    const leaving = curl(url);
    let text = "";
    for await (const part of leaving.stdout.setEncoding("latin1")) {
      text += String(part);
      if (text.includes("data: 5\n\n")) break;
    }
    leaving.kill("SIGKILL");
    expect(text).toMatch(/^HTTP\/2 200 \r\n/);
    expect(text).toContain("\r\ncontent-type: text/event-stream\r\n");
    expect(text).not.toMatch(/\r\n(connection|transfer-encoding):/);
    expect(text).toContain("\r\n\r\nid: 0\ndata: 0\n\nid: 1\ndata: 1\n\n");
    await leaks.verify(5_000);
    expect(ends).toEqual(["aborted"]);

    const staying = curl(url);
    const exit = once(staying, "exit");
    let rest = "";
    staying.stdout.setEncoding("latin1").on("data", (part: string) => (rest += part));
    await once(staying.stdout, "data");
    await app.close();
    // 0: the response is whole, and was not reset.
    expect(await exit).toEqual([0, null]);
    expect(rest).toMatch(/\n\nretry: \d+\n$/);
    expect(ends).toEqual(["aborted", "aborted"]);
  },
);
