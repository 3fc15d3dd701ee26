import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import type { RedisNodesOptions } from "../src/index.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** A node of an application in a process of its own. */
export interface StreamingNode extends AsyncDisposable {
  readonly origin: string;
  readonly process: ChildProcess;
}

/** Starts `programs/streaming-node.ts`, bundled from the sources. */
export async function startNode(options: RedisNodesOptions): Promise<StreamingNode> {
  // Below the root, where the packages of others are found.
  const folder = await mkdtemp(join(root, "node_modules/.streaming-node-"));
  const conditions = ["@sluice/source", "module", "node"];
  await build({
    configFile: false,
    root,
    logLevel: "error",
    resolve: { conditions },
    ssr: { resolve: { conditions }, noExternal: [/^@sluice\//] },
    oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
    build: {
      ssr: join(root, "packages/redis/test/programs/streaming-node.ts"),
      outDir: folder,
      minify: false,
      rolldownOptions: { output: { entryFileNames: "node.mjs" } },
    },
  });
  const child = fork(join(folder, "node.mjs"), [JSON.stringify(options)]);
  const exit = once(child, "exit");
  const [address] = (await Promise.race([
    once(child, "message"),
    exit.then(() => Promise.reject(new Error("The node has ended."))),
  ])) as [AddressInfo];
  return {
    origin: `http://127.0.0.1:${address.port}`,
    process: child,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await exit;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
