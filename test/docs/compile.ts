import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as client from "@sluice/client";
import * as core from "@sluice/core";
import * as fastify from "@sluice/fastify";
import * as testing from "@sluice/testing";
import { root } from "../../scripts/process.mjs";
import type { Fence } from "./examples.js";

const CACHE = join(root, "node_modules/.cache");

/** What a fragment may leave out: the names of our packages, and those of `context.d.ts`. */
const CONTEXT: Readonly<Record<string, readonly string[]>> = {
  "@sluice/core": [
    ...Object.keys(core),
    "type Context",
    "type Guard",
    "type Interceptor",
    "type SseEvents",
    "type EventsOf",
    "type SseSource",
  ],
  "@sluice/fastify": Object.keys(fastify),
  "@sluice/client": [...Object.keys(client), "type SseClient"],
  "@sluice/testing": Object.keys(testing),
  "node:timers/promises": ["setTimeout as sleep"],
  "../../../../test/docs/context.js": ["app", "Client", "MemoryStore", "RoomsController", "Store"],
};

const COMPILER_OPTIONS = {
  extends: join(root, "tsconfig.base.json"),
  compilerOptions: {
    composite: false,
    declaration: false,
    declarationMap: false,
    sourceMap: false,
    allowJs: true,
    checkJs: true,
    jsx: "react-jsx",
    lib: ["es2024", "esnext.disposable", "dom", "dom.iterable"],
    rootDir: "src",
    outDir: "out",
  },
};

/** What the compiler said of the examples. */
export interface Compilation {
  /** The errors of an example; their lines are those of the document. */
  errorsOf(fence: Fence): readonly string[];
  /** Where an example is as JavaScript. */
  programOf(fence: Fence): string;
}

/**
 * Compiles all examples in one go, with the repository's own settings.
 *
 * @param name - of the folder in the cache, where packages are found as by any program
 */
export function compileExamples(examples: readonly Fence[], name = "docs"): Compilation {
  const folder = join(CACHE, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "src"), { recursive: true });
  // Below node_modules, Node looks no further up.
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  const files = examples.map((fence) => `src/${fileOf(fence)}`);
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ ...COMPILER_OPTIONS, files }));
  for (const fence of examples) writeFileSync(join(folder, "src", fileOf(fence)), moduleOf(fence));

  const lines = tsc(folder)
    .split("\n")
    .filter((line) => line !== "");
  const known = examples.map((fence) => `src/${fileOf(fence)}(`);
  const stray = lines.filter(
    (line) => !line.startsWith(" ") && !known.some((name) => line.startsWith(name)),
  );
  if (stray.length > 0) throw new Error(stray.join("\n"));
  return {
    errorsOf: (fence) => lines.filter((line) => line.startsWith(`src/${fileOf(fence)}(`)),
    programOf: (fence) => join(folder, "out", fileOf(fence).replace(/\.tsx?$/, ".js")),
  };
}

/**
 * Compiles one complete program with the settings that a document gives.
 *
 * @returns what the compiler said
 */
export function compileAlone(fence: Fence, tsconfig: string): string {
  const folder = join(CACHE, "docs-alone");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "src"), { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(folder, "tsconfig.json"), tsconfig);
  writeFileSync(join(folder, "src/main.ts"), fence.text);
  return tsc(folder);
}

/** Runs the compiler in a folder; "" when it has nothing to say. */
function tsc(folder: string): string {
  const command = [join(root, "node_modules/typescript/bin/tsc"), "--pretty", "false"];
  const { stdout, stderr } = spawnSync(process.execPath, command, {
    cwd: folder,
    encoding: "utf8",
  });
  return stdout + stderr;
}

function fileOf({ document, line, language }: Fence): string {
  const extension = language === "tsx" || language === "js" ? language : "ts";
  return `${document.replaceAll("/", "__")}.${line}.${extension}`;
}

/**
 * An example as a module, with its lines where they are in the document. One that imports anything
 * must be complete. One that imports nothing is a fragment: it gets the names that it leaves out, and
 * methods get a class around them.
 */
function moduleOf({ line, text }: Fence): string {
  const above = "\n".repeat(line - 1);
  if (/^import\b/m.test(text)) return `${above}\n${text}\n`;
  const imports = Object.entries(CONTEXT).map(([from, names]) => {
    const missing = names.filter((name) => isMissing(name, text));
    return missing.length > 0 ? `import { ${missing.join(", ")} } from "${from}";` : "";
  });
  const head = `export {}; ${imports.join(" ")}`;
  if (!/^(@(Sse|Get|Post|Put|Patch|Delete|UseGuards|UseInterceptors)\b|async \*)/.test(text)) {
    return `${above}${head}\n${text}\n`;
  }
  const fields = 'import { Fields } from "../../../../test/docs/context.js";';
  return `${above}${head} ${fields} export class Example extends Fields {\n${text}\n}\n`;
}

/** Whether a fragment uses a name and does not declare it. */
function isMissing(entry: string, text: string): boolean {
  const name = entry.split(" ").at(-1)!;
  const declared = new RegExp(`\\b(class|const|let|function|interface|type)\\*? ${name}\\b`);
  return new RegExp(`(?<![.\\w"'])${name}\\b(?!["'])`).test(text) && !declared.test(text);
}
