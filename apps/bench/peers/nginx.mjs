// Starts nginx with nchan for as long as this process lives.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const nginx = process.env["NGINX_PATH"] ?? "/usr/sbin/nginx";
const nchan = process.env["NCHAN_MODULE_PATH"] ?? "/usr/lib/nginx/modules/ngx_nchan_module.so";

/** Ends the process with 3 where a Debian package is missing. */
function check() {
  /** @type {[string, string][]} */
  const needed = [
    [nginx, "nginx-light"],
    [nchan, "libnginx-mod-nchan"],
  ];
  for (const [path, name] of needed) {
    if (existsSync(path)) continue;
    console.error(`${path} is missing: install the Debian package ${name}.`);
    process.exit(3);
  }
}

/**
 * Starts it with one worker, as `nchan.conf` says.
 *
 * @returns where it listens, the process id of its master, and how much memory its processes have
 */
export async function startNginx() {
  check();
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "nchan-"));
  const configuration = join(folder, "nginx.conf");
  writeFileSync(configuration, configure({ folder, port: String(port) }));
  // By --pdeathsig the kernel ends it when this process was killed and can do nothing any more.
  const child = spawn(
    "setpriv",
    ["--pdeathsig", "TERM", nginx, "-e", "stderr", "-p", folder, "-c", configuration],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  child.once("exit", failed);
  process.once("SIGINT", () => process.exit());
  process.once("exit", () => {
    child.kill();
    // It removes its own file when it ends.
    const pause = new Int32Array(new SharedArrayBuffer(4));
    for (let i = 0; i < 200 && existsSync(join(folder, "nginx.pid")); i++)
      Atomics.wait(pause, 0, 0, 5);
    rmSync(folder, { recursive: true, force: true });
  });
  await listening(port);
  return { port, pid: child.pid, memory: () => memoryOf(String(child.pid)) };
}

/** @param {Record<string, string>} values */
function configure(values) {
  const settings = {
    ...values,
    module: nchan,
    // As root, the worker would be somebody who may not enter the folder.
    user: process.getuid?.() === 0 ? "user root root;" : "",
  };
  const template = readFileSync(new URL("nchan.conf", import.meta.url), "utf8");
  return Object.entries(settings).reduce(
    (text, [name, value]) => text.replaceAll(`{{${name}}}`, value),
    template,
  );
}

function failed() {
  console.error("nginx has ended.");
  process.exit(1);
}

async function freePort() {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  await once(server.close(), "close");
  return port;
}

/** @param {number} port */
async function listening(port) {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return;
    } catch {
      await sleep(10);
    } finally {
      socket.destroy();
    }
  }
}

/**
 * The memory of a process and its children in bytes; what they share is counted once.
 *
 * @param {string} master
 */
function memoryOf(master) {
  const children = readFileSync(`/proc/${master}/task/${master}/children`, "utf8");
  let bytes = 0;
  for (const pid of [master, ...children.trim().split(" ")]) {
    const memory = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
    bytes += Number(/^Pss:\s+(\d+) kB$/m.exec(memory)?.[1]) * 1024;
  }
  return bytes;
}
