import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { settled } from "./settled.js";

/** Set by the test script where nginx could not be found. */
export const noNginx = process.env["SLUICE_NO_NGINX"] === "1";

/** A server of nginx, which listens on a socket of the file system. */
export interface Site {
  readonly name: string;
  /** The port that it passes requests on to. */
  readonly upstream: number;
  /** Further words behind `listen`. */
  readonly listen?: string;
  /** Directives of the location. */
  readonly directives: readonly string[];
}

export interface Nginx extends AsyncDisposable {
  /** The path of a site's socket. */
  socketOf(name: string): string;
}

/** Runs nginx in front of servers, in a folder of its own. */
export async function startNginx(sites: readonly Site[]): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-nginx-"));
  const socketOf = (name: string): string => join(folder, `${name}.sock`);
  writeFileSync(join(folder, "nginx.conf"), configuration(folder, sites, socketOf));
  const program = process.env["NGINX_PATH"] ?? "/usr/sbin/nginx";
  const log = join(folder, "error.log");
  const child = spawn(program, ["-p", folder, "-c", "nginx.conf", "-e", log], { stdio: "inherit" });
  const ended = once(child, "exit");
  await Promise.race([ended, settled(() => sites.every(({ name }) => isThere(name)), 10_000)]);
  if (child.exitCode !== null) throw new Error(`nginx has ended: ${readFileSync(log, "utf8")}`);
  return {
    socketOf,
    [Symbol.asyncDispose]: () => stop(child, ended, folder),
  };

  function isThere(name: string): boolean {
    return existsSync(socketOf(name)) && existsSync(join(folder, "nginx.pid"));
  }
}

async function stop(child: ChildProcess, ended: Promise<unknown>, folder: string): Promise<void> {
  child.kill("SIGTERM");
  await ended;
  rmSync(folder, { recursive: true });
}

function configuration(
  folder: string,
  sites: readonly Site[],
  socketOf: (name: string) => string,
): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (kind) => `${kind}_temp_path ${join(folder, kind)};`,
  );
  const servers = sites.map(
    ({ name, upstream, listen = "", directives }) => `server {
      listen unix:${socketOf(name)} ${listen};
      location / {
        proxy_pass http://127.0.0.1:${upstream};
        ${directives.map((directive) => `${directive};`).join("\n        ")}
      }
    }`,
  );
  // The folder is this user's alone, so the workers have to be too.
  return `daemon off;
    ${process.getuid?.() === 0 ? "user root;" : ""}
    worker_processes 1;
    pid ${join(folder, "nginx.pid")};
    error_log ${join(folder, "error.log")};
    events { worker_connections 1024; }
    http {
      access_log off;
      ${temporary.join("\n      ")}
      ${servers.join("\n    ")}
    }
  `;
}
