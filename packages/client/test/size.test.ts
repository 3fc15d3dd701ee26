import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, defaultClientConditions, type Rolldown } from "vite";
import { describe, expect, it } from "vitest";

/** What `import { connect }` may weigh in a page, with its parser, minified and gzipped. */
const MOST_BYTES = 4_096;

/** What a server's code would be known by. */
const SERVER_CODE = /fastify|tsyringe|reflect-?metadata|node:|design:paramtypes|__decorate/i;

/** As a page has it: from what is published, and from the sources that it is made of. */
const CONDITIONS = [
  ["what is published", [...defaultClientConditions]],
  ["the sources", ["@sluice/source", ...defaultClientConditions]],
] as const;

/** Bundles a fixture for a browser, and gives what a page would load. */
async function bundle(fixture: string, conditions: readonly string[]): Promise<string> {
  const result = (await build({
    configFile: false,
    logLevel: "silent",
    mode: "production",
    resolve: { conditions: [...conditions] },
    build: {
      write: false,
      minify: true,
      rolldownOptions: { input: fileURLToPath(new URL(`fixtures/${fixture}`, import.meta.url)) },
    },
  })) as Rolldown.RolldownOutput;
  const [chunk, ...others] = result.output;
  expect(others).toEqual([]);
  return chunk.code;
}

const gzipped = (code: string): number => gzipSync(code, { level: 9 }).length;

describe.each(CONDITIONS)("a bundle of %s", (_name, conditions) => {
  it(`takes at most ${MOST_BYTES} bytes for connect() and its parser, gzipped`, async () => {
    const code = await bundle("bundle-connect.ts", conditions);
    expect(code).toContain("text/event-stream");
    expect(gzipped(code)).toBeLessThanOrEqual(MOST_BYTES);
  });

  it("has no server's code in it", async () => {
    expect(await bundle("bundle-connect.ts", conditions)).not.toMatch(SERVER_CODE);
  });

  it("has json() and text() only where they are imported", async () => {
    const all = await bundle("bundle-all.ts", conditions);
    const alone = await bundle("bundle-connect.ts", conditions);
    expect(all).toContain("~standard");
    expect(alone).not.toContain("~standard");
    expect(gzipped(all)).toBeGreaterThan(gzipped(alone));
  });

  it("has nothing of a controller whose type a page imports", async () => {
    const code = await bundle("bundle-page.ts", conditions);
    expect(code).toContain("/rooms/tea");
    expect(code).not.toMatch(SERVER_CODE);
    expect(code).not.toContain("countdown");
  });
});
