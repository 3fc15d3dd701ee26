// Measures what publishing costs, here and on the server: `node packages/redis/bench/publish.mjs`, after `npm run build`.
// REDIS_SERVER_PATH names the server; SCALE makes it longer or shorter.
import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createClient } from "@redis/client";
import { RedisBroker } from "../dist/index.js";

const PORT = 17_379;
const URL = `redis://127.0.0.1:${PORT}`;
const SCALE = Number(process.env.SCALE ?? 1);
const history = { count: 1_000, age: 3_600_000, bytes: 1_048_576 };
const text = `event: message\ndata: {"text":"${"x".repeat(150)}"}\n`;

/** @param {string} line */
const print = (line) => process.stdout.write(`${line}\n`);

/** Microseconds of the epoch. */
const now = () => Math.round((performance.timeOrigin + performance.now()) * 1_000);

/**
 * @param {RedisBroker} broker
 * @param {string} channel
 * @param {string} [more] what its text ends in
 */
const publish = (broker, channel, more = "") =>
  broker.publish({ channel, kind: "text", text: text + more, history });

if (process.argv[2] === "follow") await follow();
else await measure();

/** Another process: follows channels, and tells how late each event came. */
async function follow() {
  const broker = new RedisBroker({ url: URL });
  /** @type {number[]} */
  const latencies = [];
  const ear = {
    /** @param {string} _ @param {{ text: string }} entry */
    deliver(_, entry) {
      const at = Number(/\bat: (\d+)\n$/.exec(entry.text)?.[1] ?? 0);
      if (at > 0) latencies.push(now() - at);
    },
    reached() {},
  };
  for (let n = 0; n < 50; n++) await broker.follow(`c${n}`, ear);
  process.send?.("ready");
  process.on("message", () => process.send?.(latencies.splice(0)));
  process.once("disconnect", () => process.exit());
}

async function measure() {
  const folder = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  const place = ["--port", String(PORT), "--dir", folder, "--save", "", "--appendonly", "yes"];
  const server = spawn(process.env.REDIS_SERVER_PATH ?? "redis-server", place, { stdio: "ignore" });
  await listening();
  const admin = await createClient({ url: URL }).connect();
  const broker = new RedisBroker({ url: URL, publishTimeout: "60s", maxQueuedBytes: 1e9 });

  /** @returns how much of a processor the server has used, in microseconds */
  const cpu = async () => {
    const info = await admin.info("cpu");
    const of = (/** @type {string} */ name) =>
      Number(new RegExp(`${name}:([\\d.]+)`).exec(info)?.[1]);
    return (of("used_cpu_user") + of("used_cpu_sys")) * 1e6;
  };
  /**
   * @param {string} name
   * @param {number} count
   * @param {() => Promise<unknown>} run
   */
  const row = async (name, count, run) => {
    const [before, began, own] = [await cpu(), performance.now(), process.cpuUsage()];
    await run();
    const seconds = (performance.now() - began) / 1_000;
    const used = ((await cpu()) - before) / count;
    const { user, system } = process.cpuUsage(own);
    print(
      `${name.padEnd(44)} ${Math.round(count / seconds)
        .toString()
        .padStart(
          8,
        )}/s  Redis ${used.toFixed(1).padStart(5)} us  here ${((user + system) / count).toFixed(1).padStart(5)} us`,
    );
  };
  /** @param {number} channels @param {number} each */
  const awaited = (channels, each) => () =>
    Promise.all(
      Array.from({ length: channels }, async (_, n) => {
        for (let i = 0; i < each; i++) await publish(broker, `c${n}`);
      }),
    );
  /** @param {number} channels @param {number} rounds */
  const atOnce = (channels, rounds) => async () => {
    for (let i = 0; i < rounds; i++) {
      await Promise.all(
        Array.from({ length: 1_000 }, (_, n) => publish(broker, `c${n % channels}`)),
      );
    }
  };
  const scaled = (/** @type {number} */ count) => Math.ceil(count * SCALE);

  await awaited(50, 100)();
  print(`events of ${text.length} bytes, log written every second; times of processors for each`);
  await row("awaited, 1 channel", scaled(5_000), awaited(1, scaled(5_000)));
  await row("awaited, 50 channels at once", 50 * scaled(500), awaited(50, scaled(500)));
  await row("1,000 at once, 1 channel", 1_000 * scaled(60), atOnce(1, scaled(60)));
  await row("1,000 at once, 50 channels", 1_000 * scaled(60), atOnce(50, scaled(60)));
  await row("1,000 at once, 1,000 channels", 1_000 * scaled(30), atOnce(1_000, scaled(30)));

  const node = fork(new globalThis.URL(import.meta.url), ["follow"]);
  await once(node, "message");
  const some = ", another node follows";
  await row(`awaited, 50 channels at once${some}`, 50 * scaled(500), awaited(50, scaled(500)));
  await row(`1,000 at once, 50 channels${some}`, 1_000 * scaled(60), atOnce(50, scaled(60)));

  const end = performance.now() + 10_000 * SCALE;
  for (let n = 0, at = performance.now(); at < end; n++, at += 2) {
    if (at > performance.now()) await delay(at - performance.now());
    void publish(broker, `c${n % 50}`, `at: ${now()}\n`);
  }
  await delay(200);
  node.send("tell");
  const [told] = /** @type {[number[]]} */ (await once(node, "message"));
  const latencies = Float64Array.from(told);
  latencies.sort();
  const part = (/** @type {number} */ share) =>
    ((latencies[Math.floor(latencies.length * share)] ?? 0) / 1_000).toFixed(2);
  print(
    `to another node at 500/s: p50 ${part(0.5)} ms, p99 ${part(0.99)} ms, of ${latencies.length}`,
  );
  print("for comparison, bare Redis on another machine of two cores: a publish in one script");
  print("with link and key 21 us (48,000/s a core), Lua then pub/sub p50 0.24 ms at 500/s");

  await broker.close();
  admin.destroy();
  node.disconnect();
  server.kill();
  await once(server, "exit");
  rmSync(folder, { recursive: true });
}

async function listening() {
  for (;;) {
    const socket = connect(PORT, "127.0.0.1");
    /** @type {boolean} */
    const stands = await new Promise((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    socket.destroy();
    if (stands) return;
    await delay(20);
  }
}
