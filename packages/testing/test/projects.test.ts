import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";

// Their tests are called *.spec.ts, which this repository's own run does not look for.
const projects = fileURLToPath(new URL("projects", import.meta.url));
const root = fileURLToPath(new URL("../../..", import.meta.url));
const { resolve } = createRequire(import.meta.url);
const programs = {
  tsc: resolve("typescript/package.json").replace("package.json", "bin/tsc"),
  vitest: resolve("vitest/package.json").replace("package.json", "vitest.mjs"),
  jest: resolve("jest/package.json").replace("package.json", "bin/jest.js"),
};

interface Ended {
  readonly code: number | string | null | undefined;
  readonly output: string;
}

/** Runs Node in a project as its user does, which knows nothing of the run that this is part of. */
function node(project: string, ...args: string[]): Promise<Ended> {
  const inherited = Object.entries(process.env).filter(
    ([name]) =>
      !/^(VITEST|VITE_|NODE_OPTIONS|NODE_ENV|TEST$|MODE$|DEV$|PROD$|SSR$|CI$|FORCE_COLOR)/.test(
        name,
      ),
  );
  const env = { ...Object.fromEntries(inherited), NO_COLOR: "1" };
  const options = { cwd: join(projects, project), env, timeout: 100_000 };
  return new Promise((done) => {
    execFile(process.execPath, args, options, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : error.code, output: stdout + stderr }),
    );
  });
}

const runners: Readonly<Record<string, (test: string) => Promise<Ended>>> = {
  vitest: (test) => node("vitest", programs.vitest, "run", `test/${test}.spec.ts`),
  jest: (test) => node("jest", "--experimental-vm-modules", programs.jest, `${test}\\.spec`),
  "node-test": (test) =>
    node("node-test", "--test", "--test-reporter=spec", `dist/test/${test}.spec.js`),
};

/** What stands in every runner's output, whatever it adds to it. */
const INSTEAD = [
  "No event { event: 'tick', json: { n: 7 } } came before the stream ended. Instead came:",
  'tick {"n":3} (id 3)',
  'tick {"n":2} (id 2)',
  'tick {"n":1} (id 1)',
  'sluice.end {"outcome":"done"} (id 1#end)',
];

beforeAll(async () => {
  const build = await node(".", programs.tsc, "-b", join(root, "packages/testing"));
  expect(build).toEqual({ code: 0, output: "" });
  const compiled = await Promise.all(
    ["jest", "node-test"].map((project) => node(project, programs.tsc)),
  );
  for (const { code, output } of compiled) expect([code, output]).toEqual([0, ""]);
}, 120_000);

describe.each(Object.keys(runners))("a project that is tested with %s", (name) => {
  const run = runners[name]!;

  it("passes", { timeout: 120_000 }, async () => {
    const { code, output } = await run("rooms");
    expect(output).toMatch(/counts down, and goes on where the client left|Tests +3 passed/);
    expect([code, code === 0 ? "" : output]).toEqual([0, ""]);
  });

  it("shows what came instead of what was expected", { timeout: 120_000 }, async () => {
    const { code, output } = await run("failing");
    expect(code).toBe(1);
    for (const line of INSTEAD) expect(output).toContain(line);
  });
});

it("what the README tests passes", { timeout: 120_000 }, async () => {
  const readme = readFileSync(join(root, "packages/testing/README.md"), "utf8");
  const blocks = [...readme.matchAll(/^```ts\n(.*?)^```/gms)].map(([, text]) => text!);
  const tests = blocks.filter(
    (text) => text.includes('from "vitest"') && /\bit(\.each)?\(/.test(text),
  );
  expect(tests.length).toBeGreaterThanOrEqual(4);

  const folder = join(projects, "vitest/dist");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [n, text] of tests.entries()) writeFileSync(join(folder, `readme-${n}.spec.ts`), text);
  const { code, output } = await node("vitest", programs.vitest, "run", "dist/readme");
  expect(output).toContain(`Test Files  ${tests.length} passed (${tests.length})`);
  expect(code).toBe(0);
});

describe.each(["vitest", "jest"])("a project that is tested with %s", (name) => {
  it("shows what a matcher found, and where", { timeout: 120_000 }, async () => {
    const { output } = await runners[name]!("failing");
    expect(output).toContain("Expected event: { event: 'tock', json: { n: Any<String> } }");
    expect(output).toContain('Received event: tick {"n":3} (id 3)');
    expect(output).toMatch(/^ *- +"n": 7,\n *\+ +"n": 1,$/m);
  });
});
