// A Redis server of one's own, and what it says of itself.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createClient } from "@redis/client";

/** @returns {Promise<number>} a port that nobody listens on */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.close();
  await once(server, "close");
  return port;
}

/** Starts a server that keeps everything in memory, as `redis-server --save ""` does. */
export async function startRedis() {
  const folder = mkdtempSync(join(tmpdir(), "sluice-redis-"));
  const port = await freePort();
  const program = process.env["REDIS_SERVER_PATH"] ?? "redis-server";
  const place = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""];
  const child = spawn(program, place, { stdio: "ignore" });
  const url = `redis://127.0.0.1:${port}`;
  const client = createClient({ url, socket: { reconnectStrategy: () => 20 } });
  client.on("error", () => {});
  await client.connect();

  /** @param {string} section */
  const info = async (section) => {
    const lines = (await client.info(section)).split("\r\n");
    return new Map(lines.map((line) => /** @type {[string, string]} */ (line.split(":", 2))));
  };
  return {
    url,
    /** The version that answers. */
    version: async () => (await info("server")).get("redis_version") ?? "",
    /** CPU time that the server has used so far, in microseconds. */
    async cpu() {
      const cpu = await info("cpu");
      const seconds = Number(cpu.get("used_cpu_user")) + Number(cpu.get("used_cpu_sys"));
      return seconds * 1e6;
    },
    /** Memory that its data takes, in bytes. */
    memory: async () => Number((await info("memory")).get("used_memory")),
    /** How many scripts it has run. */
    async scripts() {
      const calls = (await info("commandstats")).get("cmdstat_evalsha") ?? "";
      return Number(/calls=(\d+)/.exec(calls)?.[1] ?? 0);
    },
    async empty() {
      await client.sendCommand(["FLUSHALL", "SYNC"]);
      // What it frees in the background is no cost of what comes next.
      await delay(50);
    },
    async end() {
      client.destroy();
      const exit = once(child, "exit");
      child.kill("SIGKILL");
      await exit;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
