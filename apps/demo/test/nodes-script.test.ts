import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { read } from "./read-stream.js";

const RUN = new URL("../../../scripts/nodes/run.mjs", import.meta.url);
const PROGRAM = `import { runNodes } from ${JSON.stringify(RUN.href)}; process.exitCode = await runNodes();`;

const noRedis = process.env["SLUICE_NO_REDIS"] === "1";
if (noRedis) console.warn("Skipped: redis-server is missing (set REDIS_SERVER_PATH).");

/** The script, without what it builds before. */
class Script {
  readonly #lines: string[] = [];
  readonly #child: ChildProcess;
  readonly ended: Promise<unknown[]>;

  constructor() {
    const { PATH, REDIS_SERVER_PATH = "" } = process.env;
    this.#child = spawn(process.execPath, ["--input-type=module", "-e", PROGRAM], {
      cwd: fileURLToPath(new URL("../../..", import.meta.url)),
      env: { PATH, REDIS_SERVER_PATH, PORT: "0" },
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.ended = once(this.#child, "exit");
    createInterface({ input: this.#child.stdout! }).on("line", (line) => this.#lines.push(line));
    onTestFinished(() => void this.#child.kill("SIGKILL"));
  }

  /** The groups of a line that it prints, now or later. */
  async prints(pattern: RegExp): Promise<string[]> {
    return vi.waitFor(
      () => {
        for (const line of this.#lines) {
          const match = pattern.exec(line);
          if (match !== null) return match.slice(1);
        }
        throw new Error(`The script has not printed ${String(pattern)}: ${this.#lines.join("\n")}`);
      },
      { timeout: 20_000 },
    );
  }

  press(keys: string): void {
    this.#child.stdin!.write(`${keys}\n`);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Starts, and tells where everything is. */
  static async start() {
    const script = new Script();
    const [url] = await script.prints(/^Sluice demo, 2 nodes .* (http:\S+)\/$/);
    const [redis] = await script.prints(/^Redis: redis:.*:(\d+),/);
    const [a] = await script.prints(/^Node A is up: pid (\d+)/);
    const [b] = await script.prints(/^Node B is up: pid (\d+)/);
    return { script, url: url!, redis: Number(redis), pids: [Number(a), Number(b)] };
  }
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const opened = once(socket, "connect").then(
    () => true,
    () => false,
  );
  const result = await opened;
  socket.destroy();
  return result;
}

describe.skipIf(noRedis)("npm run nodes", { timeout: 60_000 }, () => {
  test("a key kills a node, the same key starts it again, and q ends everything, streams in order", async () => {
    const { script, url, redis, pids } = await Script.start();
    script.press("1");
    await script.prints(/^Node A is gone\./);
    expect(lives(pids[0]!)).toBe(false);
    // Each goes to the one that lives.
    const answers = await Promise.all([1, 2, 3].map(async () => fetch(`${url}/nodes`)));
    expect(answers.map(({ headers }) => headers.get("x-node"))).toEqual(["B", "B", "B"]);
    script.press("1");
    const again = new RegExp(`^Node A is up: pid (?!${pids[0]!},)(\\d+)`);
    const [pid] = await script.prints(again);

    const stream = await read(`${url}/rooms/lock?name=Ada`);
    await stream.until("came");
    script.press("q");
    await stream.rest();
    expect(stream.raw).toMatch(/\nretry: \d+\n+$/);
    expect((await script.ended)[0]).toBe(0);
    expect([...pids, Number(pid)].filter(lives)).toEqual([]);
    expect(await isOpen(redis)).toBe(false);
  });

  test("nothing is left behind when it is killed itself", async () => {
    const { script, redis, pids } = await Script.start();
    script.kill("SIGKILL");
    await script.ended;
    await expect.poll(() => pids.filter(lives), { timeout: 10_000 }).toEqual([]);
    await expect.poll(async () => isOpen(redis), { timeout: 10_000 }).toBe(false);
  });

  test("SIGTERM ends it as q does", async () => {
    const { script, redis, pids } = await Script.start();
    script.kill("SIGTERM");
    expect((await script.ended)[0]).toBe(0);
    expect(pids.filter(lives)).toEqual([]);
    expect(await isOpen(redis)).toBe(false);
  });
});
