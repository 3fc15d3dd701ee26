import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** A process of its own. */
export interface Program extends AsyncDisposable {
  readonly process: ChildProcess;
  /** The first message that it sends. */
  readonly ready: Promise<unknown>;
}

/**
 * Starts one of the `programs`, bundled from the sources.
 *
 * @param options - what it is given, as JSON
 */
export async function startProgram(name: string, options: unknown): Promise<Program> {
  // Below the root, where the packages of others are found.
  const folder = await mkdtemp(join(root, `node_modules/.${name}-`));
  const conditions = ["@sluice/source", "module", "node"];
  await build({
    configFile: false,
    root,
    logLevel: "error",
    resolve: { conditions },
    ssr: { resolve: { conditions }, noExternal: [/^@sluice\//] },
    oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
    build: {
      ssr: join(root, `packages/redis/test/programs/${name}.ts`),
      outDir: folder,
      minify: false,
      rolldownOptions: { output: { entryFileNames: "program.mjs" } },
    },
  });
  const child = fork(join(folder, "program.mjs"), [JSON.stringify(options)]);
  const exit = once(child, "exit");
  const ready = Promise.race([
    once(child, "message").then(([message]) => message as unknown),
    exit.then(() => Promise.reject(new Error(`The program ${name} has ended.`))),
  ]);
  // Whoever waits for it hears of it.
  ready.catch(() => {});
  return {
    process: child,
    ready,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await exit;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
