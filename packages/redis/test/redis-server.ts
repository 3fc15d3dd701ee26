import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** A server of its own, in a folder of its own. */
export interface RedisServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly folder: string;
  readonly process: ChildProcess;
  /** Kills it at once, and resolves when it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again, in the same folder and on the same port. */
  restart(): Promise<void>;
}

/**
 * Starts a Redis server.
 *
 * @param options - of its command line, such as `["--appendonly", "yes"]`
 * @param command - what runs it, where that is not the server itself
 */
export async function startRedis(
  options: readonly string[] = [],
  command: readonly string[] = [process.env["REDIS_SERVER_PATH"] ?? "redis-server"],
): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-redis-"));
  const port = await freePort();
  let running: ChildProcess;

  const start = async (): Promise<void> => {
    const [program = "", ...first] = command;
    const place = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""];
    running = spawn(program, [...first, ...place, ...options], { stdio: "ignore" });
    const failed = once(running, "exit").then(([code]) => {
      throw new Error(`${program} ended with ${String(code)} before it answered.`);
    });
    // It rejects with what keeps the program from being started, and later when it is ended.
    failed.catch(() => {});
    await Promise.race([answers(port), failed]);
  };
  const kill = async (signal: NodeJS.Signals = "SIGKILL"): Promise<void> => {
    if (running.exitCode !== null || running.signalCode !== null) return;
    const exit = once(running, "exit");
    running.kill(signal);
    await exit;
  };
  await start();
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    folder,
    get process() {
      return running;
    },
    kill,
    restart: start,
    async [Symbol.asyncDispose]() {
      running.kill("SIGCONT");
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves when a server answers a ping. */
async function answers(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write("PING\r\n");
    const [reply] = (await Promise.race([
      once(socket, "data"),
      once(socket, "close").then(() => []),
    ]).catch(() => [])) as [Buffer?];
    socket.destroy();
    if (reply?.toString().startsWith("+PONG") === true) return;
    await delay(20);
  }
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
