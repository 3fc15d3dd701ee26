import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { SSE_CLIENT_ERROR_CODES } from "@sluice/client";
import { SLUICE_ERROR_CODES } from "@sluice/core";
import { LMDB_ERROR_CODES } from "@sluice/lmdb";
import { PLUGIN_ERROR_CODES } from "@sluice/fastify";
import { SSE_ENCODE_ERROR_CODES } from "@sluice/protocol";
import { describe, expect, test } from "vitest";
import { root } from "../../scripts/process.mjs";
import { compileAlone, compileExamples } from "./compile.js";
import { documents, fences, isCode, matches, normal, orphans, programs } from "./examples.js";
import { startProgram } from "./run.js";

const all = documents().flatMap(fences);
const examples = all.filter((fence) => isCode(fence) && fence.unchecked === undefined);
const compilation = compileExamples(examples);

const place = ({ document, line }: { document: string; line: number }): string =>
  `${document}:${line}`;

test("there are examples in the README, the guides and the packages", () => {
  const found = new Set(examples.map(({ document }) => document));
  expect([...found]).toEqual(
    expect.arrayContaining(["README.md", "docs/PROTOCOL.md", "packages/protocol/README.md"]),
  );
});

test("every block names its language", () => {
  expect(all.filter(({ language }) => language === "").map(place)).toEqual([]);
});

test("code that is left unchecked says why, and runs nowhere", () => {
  const unchecked = all.filter((fence) => isCode(fence) && fence.unchecked !== undefined);
  const wrong = unchecked.filter(({ mark, unchecked: why }) => mark !== "" || !/\w \w/.test(why!));
  expect(wrong.map(place)).toEqual([]);
});

test("what stands behind a fence is either nothing or `run`", () => {
  const marks = all.filter(({ mark }) => mark !== "" && mark !== "run").map(place);
  expect(marks).toEqual([]);
});

test("every command with its output stands below the program that it is run against", () => {
  expect(documents().flatMap(orphans).map(place)).toEqual([]);
});

test("what is called JSON is JSON", () => {
  const blocks = all.filter(({ language }) => language === "json");
  expect(blocks.filter(({ text }) => !isJson(text)).map(place)).toEqual([]);
});

describe("the compiler accepts", () => {
  test.each(examples.map((fence) => [place(fence), fence] as const))("%s", (_, fence) => {
    expect(compilation.errorsOf(fence)).toEqual([]);
  });
});

describe("a program does what the document prints", () => {
  const runnable = documents().flatMap(programs);

  test.each(runnable.map((program) => [place(program.fence), program] as const))(
    "%s",
    async (_, { fence, output, commands }) => {
      await using running = await startProgram(compilation.programOf(fence));
      for (const { command, output: printed } of commands) {
        expectMatch(printed, running.command(command));
      }
      if (commands.length > 0) return;
      const ended = await running.ended;
      if (output !== undefined) expectMatch(output, ended.output);
      // What it printed says why it failed.
      if (ended.code !== 0) expect(ended.output).toBe("");
      expect(ended.code).toBe(0);
    },
  );
});

describe("links lead somewhere", () => {
  test.each(documents())("%s", (document) => {
    const text = readFileSync(join(root, document), "utf8").replaceAll(
      /```[^]*?```|`[^`\n]*`/g,
      "",
    );
    const links = [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map((match) => match[1]!);
    const broken = links.filter((link) => {
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? document : join(dirname(document), path);
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchors(target).has(anchor);
    });
    expect(broken).toEqual([]);
  });
});

test("every source file that docs/ARCHITECTURE.md names is there", () => {
  const text = readFileSync(join(root, "docs/ARCHITECTURE.md"), "utf8");
  const named = [...text.matchAll(/`([\w./-]+\.(?:ts|mjs|json))`/g)].map((match) => match[1]!);
  expect(named.length).toBeGreaterThan(10);
  const sources = ["core", "fastify", "client"].map((name) => `packages/${name}/src/`);
  const places = ["", "packages/", ...sources];
  const missing = named.filter((name) => !places.some((at) => existsSync(join(root, at, name))));
  expect(missing).toEqual([]);
});

test("the README's tsconfig is enough for its first program", () => {
  const [first] = programs("README.md");
  const [config] = fences("README.md").filter(({ language }) => language === "json");
  expect(compileAlone(first!.fence, config!.text)).toBe("");
});

test("the README names every option of the plugin, with its default", () => {
  const source = readFileSync(join(root, "packages/fastify/src/options.ts"), "utf8");
  const [declaration = ""] = /export interface SluiceOptions \{[^]*?\n\}/.exec(source) ?? [];
  const options = [...declaration.matchAll(/\/\*\*([^]*?)\*\/\s+readonly (\w+)\??:/g)];
  expect(options.length).toBeGreaterThan(10);
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const untold = options.filter(([, comment = "", name = ""]) => {
    const row = new RegExp(`^\\| \`${name}\`.*$`, "m").exec(readme)?.[0];
    const value = /@defaultValue (`[^`]+`|[\d,]+)/.exec(comment)?.[1];
    return row === undefined || (value !== undefined && !row.includes(value));
  });
  expect(untold.map(([, , name]) => name)).toEqual([]);
});

test("the troubleshooting guide has a row for every error code, ERR_SOURCE first, and for no other", () => {
  const guide = readFileSync(join(root, "docs/guides/troubleshooting.md"), "utf8");
  const rows = [...guide.matchAll(/^\| `(ERR_\w+)` +\|/gm)].map((match) => match[1]!);
  const codes = new Set<string>([
    ...SLUICE_ERROR_CODES,
    ...PLUGIN_ERROR_CODES,
    ...SSE_ENCODE_ERROR_CODES,
    "ERR_DENIED",
    "ERR_VALIDATION",
    "ERR_LAST_EVENT_ID",
    "ERR_LIMIT",
    "ERR_NO_RUN",
    "ERR_NODES",
    "ERR_REVOKED",
    "ERR_ORIGIN",
    "ERR_HOST",
    ...LMDB_ERROR_CODES,
  ]);
  expect(rows.toSorted()).toEqual([...codes].toSorted());
  expect(rows[0]).toBe("ERR_SOURCE");
});

test("the client's README has a row for every error code, and for no other", () => {
  const readme = readFileSync(join(root, "packages/client/README.md"), "utf8");
  const rows = [...readme.matchAll(/^\| `(ERR_\w+)` +\|/gm)].map((match) => match[1]!);
  expect(rows.toSorted()).toEqual([...SSE_CLIENT_ERROR_CODES].toSorted());
});

test("the client's README names every option that is not `fetch`'s own, with its default", () => {
  const readme = readFileSync(join(root, "packages/client/README.md"), "utf8");
  const sources = ["options.ts", "fetch-line.ts", "request.ts"].map((file) =>
    readFileSync(join(root, "packages/client/src", file), "utf8"),
  );
  const bodies = sources.flatMap((source) =>
    [...source.matchAll(/export interface \w+Options\b[^{]*\{([^]*?)\n\}/g)].map(
      ([, body]) => body,
    ),
  );
  const options = bodies.flatMap((body = "") => [
    ...body.matchAll(/\/\*\*((?:(?!\*\/)[^])*)\*\/\s+(?:readonly )?(\w+)\??:/g),
  ]);
  expect(options.length).toBeGreaterThan(10);
  const untold = options.filter(([, comment = "", name = ""]) => {
    const row = new RegExp(`^\\| \`${name}\` .*$`, "m").exec(readme)?.[0] ?? "";
    const value = /@defaultValue (\d+|false)/.exec(comment)?.[1];
    return !(row !== "" || name === "method") || (value !== undefined && !row.includes(value));
  });
  expect(untold.map(([, , name]) => name)).toEqual([]);
});

/** Shows both texts where they differ. */
function expectMatch(printed: string, actual: string): void {
  if (!matches(printed, actual)) expect(normal(actual)).toBe(normal(printed));
  expect(matches(printed, actual)).toBe(true);
}

/** The anchors that a renderer makes of a document's headings. */
function anchors(document: string): Set<string> {
  const text = readFileSync(join(root, document), "utf8");
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map((match) => match[1]!);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, "")
        .replaceAll(" ", "-"),
    ),
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
