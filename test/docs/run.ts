import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { pathToFileURL } from "node:url";

/** Evaluates the program whose address it is given, and tells when that is done. */
const STARTER = `
  await import(process.argv[1]);
  process.send("evaluated");
  process.disconnect();
`;

/** A program that runs on a port of its own, where the document has 3000. */
export interface Running extends AsyncDisposable {
  /** Resolves with all that it printed, when it ends by itself. */
  readonly ended: Promise<{ readonly code: number | null; readonly output: string }>;
  /** Runs a command of the document beside it, and gives what that prints. */
  command(line: string): string;
}

/**
 * Starts a compiled program. Resolves when its module has been evaluated, which for a server means
 * that it listens, or when it has ended.
 */
export async function startProgram(path: string): Promise<Running> {
  const port = await freePort();
  const source = readFileSync(path, "utf8");
  writeFileSync(path, withPort(source, port));
  const starter = ["--input-type=module", "--eval", STARTER, pathToFileURL(path).href];
  const child = spawn(process.execPath, starter, {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: { ...process.env, NODE_ENV: "production", FORCE_COLOR: "0" },
  });
  const output = collect(child);
  const ended = once(child, "close").then(([code]) => ({
    code: code as number | null,
    output: output(),
  }));
  await Promise.race([once(child, "message"), ended]);
  return {
    ended,
    command(line) {
      const { stdout } = spawnSync("sh", ["-c", withPort(line, port)], {
        encoding: "utf8",
        timeout: 15_000,
      });
      return stdout.replaceAll(String(port), "3000");
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

function withPort(text: string, port: number): string {
  return text
    .replaceAll("port: 3000", `port: ${port}`)
    .replaceAll("localhost:3000", `localhost:${port}`);
}

function collect(child: ChildProcess): () => string {
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => chunks.push(chunk));
  }
  return () => Buffer.concat(chunks).toString();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "localhost");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
