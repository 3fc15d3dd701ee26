import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The bundles of each process that has started programs; those of processes that have ended are removed. */
const BUNDLES = join(root, "node_modules/.cache/programs");

/** What a program answers, by name: arguments and results travel as JSON does, undefined included. */
export type Commands = Readonly<Record<string, (...args: never[]) => unknown>>;

/** A program in a process of its own. */
export interface Program<C extends Commands> extends AsyncDisposable {
  readonly pid: number;
  /** Resolves when the process has ended, however. */
  readonly ended: Promise<void>;
  /** Rejects with the message of what the command threw, or when the process ends before it answers. */
  call<K extends keyof C & string>(
    name: K,
    ...args: Parameters<C[K]>
  ): Promise<Awaited<ReturnType<C[K]>>>;
  /** Hears what the program tells without having been asked. */
  onTold(listener: (told: unknown) => void): void;
  /** Ends the process at once, as `kill -9` does. */
  kill(): void;
}

/** What the two processes send each other. */
export interface Call {
  readonly id: number;
  readonly name: string;
  readonly args: readonly unknown[];
}

export interface Answer {
  /** Left out where nobody asked. */
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: string;
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Runs a file of `programs/` as one would in production: bundled from the sources, without a test
 * runner in its process.
 *
 * @param name - of the file, without `.ts`
 * @param launcher - a command that runs the words behind it
 */
export async function startProgram<C extends Commands>(
  name: string,
  execArgv: readonly string[] = [],
  launcher: readonly string[] = [],
): Promise<Program<C>> {
  const node = ["--expose-gc", "--enable-source-maps", ...execArgv];
  const child = fork(await bundled(name), {
    ...(launcher.length === 0
      ? { execArgv: node }
      : { execPath: launcher[0]!, execArgv: [...launcher.slice(1), process.execPath, ...node] }),
    env: { ...process.env, NODE_ENV: "production" },
    serialization: "advanced",
  });
  const waiting = new Map<number, Waiting>();
  const listeners: ((told: unknown) => void)[] = [];
  let calls = 0;
  child.on("message", ({ id, result, error }: Answer) => {
    if (id === undefined) for (const listener of listeners) listener(result);
    else {
      const { resolve, reject } = waiting.get(id)!;
      waiting.delete(id);
      if (error === undefined) resolve(result);
      else reject(new Error(`${name}: ${error}`));
    }
  });
  const ended = once(child, "exit").then(() => {
    for (const { reject } of waiting.values()) reject(new Error(`${name} has ended`));
  });
  await once(child, "spawn");
  return {
    pid: child.pid!,
    ended,
    call<K extends keyof C & string>(command: K, ...args: Parameters<C[K]>) {
      return new Promise<Awaited<ReturnType<C[K]>>>((resolve, reject) => {
        const id = calls++;
        waiting.set(id, { resolve: resolve as (result: unknown) => void, reject });
        child.send({ id, name: command, args } satisfies Call, (error) => {
          if (error !== null) reject(error);
        });
      });
    },
    onTold: (listener) => void listeners.push(listener),
    kill: () => void child.kill("SIGKILL"),
    async [Symbol.asyncDispose]() {
      // Not killed: a program that is asked to end writes its profile, if it makes one.
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

const bundles = new Map<string, Promise<string>>();

/** One file that Node runs as it is; packages of others stay outside. */
function bundled(name: string): Promise<string> {
  let made = bundles.get(name);
  if (made === undefined) bundles.set(name, (made = bundle(name)));
  return made;
}

async function bundle(name: string): Promise<string> {
  const conditions = ["@sluice/source", "module", "node"];
  // Of this process alone: another may be making the same at the same time.
  const outDir = join(BUNDLES, String(process.pid));
  mkdirSync(outDir, { recursive: true });
  for (const pid of readdirSync(BUNDLES))
    if (!isRunning(Number(pid))) rmSync(join(BUNDLES, pid), { recursive: true, force: true });
  await build({
    configFile: false,
    root,
    logLevel: "error",
    resolve: { conditions },
    ssr: { resolve: { conditions }, noExternal: [/^@sluice\//] },
    oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
    build: {
      ssr: join(root, "test/faults/programs", `${name}.ts`),
      outDir,
      emptyOutDir: false,
      minify: false,
      sourcemap: true,
      rolldownOptions: { output: { entryFileNames: `${name}.mjs` } },
    },
  });
  return join(outDir, `${name}.mjs`);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
