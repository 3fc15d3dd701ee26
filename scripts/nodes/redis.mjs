// A Redis server for as long as the script runs, in a folder of its own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Stop } from "../process.mjs";
import { findTools, remedy, tools } from "../tools.mjs";

/** How long it may take to start, in milliseconds. */
const PATIENCE = 10_000;

/** Ends with its standard input, so that nothing is left behind however this process ends. */
const GUARD =
  '"$0" "$@" & trap "kill $!" TERM; read -r _; kill $! 2>/dev/null; wait; rmdir "$FOLDER"';

/**
 * Starts redis-server on a free port.
 *
 * @returns {Promise<{ url: string, stop(): Promise<void> }>}
 * @throws Stop if there is none, or it does not start
 */
export async function startRedis() {
  const { found, missing } = findTools(
    process.env,
    tools.filter(({ name }) => name === "Redis"),
  );
  const [lacking] = missing;
  if (lacking !== undefined) {
    throw new Stop(`${remedy(lacking)} Or set REDIS_URL to a server that is running.`);
  }
  const folder = await mkdtemp(join(tmpdir(), "sluice-nodes-"));
  const port = await freePort();
  const command = [found.REDIS_SERVER_PATH ?? "", "--port", String(port), "--bind", "127.0.0.1"];
  const options = ["--dir", folder, "--save", "", "--appendonly", "no"];
  const child = spawn("sh", ["-c", GUARD, ...command, ...options], {
    stdio: ["pipe", "ignore", "inherit"],
    env: { ...process.env, FOLDER: folder },
    // Ctrl-C ends the nodes first.
    detached: true,
  });
  const ended = once(child, "exit");
  const stop = async () => {
    child.stdin.end();
    await ended;
  };
  if (await answers(port)) return { url: `redis://127.0.0.1:${port}`, stop };
  await stop();
  throw new Stop("redis-server did not start: see what it says above.");
}

/** @param {number} port */
async function answers(port) {
  const deadline = performance.now() + PATIENCE;
  while (performance.now() < deadline) {
    if (await isAnswered(port)) return true;
    await sleep(30);
  }
  return false;
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function isAnswered(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("data", (reply) => {
      resolve(reply.toString().startsWith("+PONG"));
      socket.destroy();
    });
    socket.once("error", () => {});
    socket.once("close", () => resolve(false));
    socket.write("PING\r\n");
  });
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
