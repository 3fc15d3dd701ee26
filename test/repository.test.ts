import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findProblems } from "../scripts/check-imports.mjs";
import { root } from "../scripts/process.mjs";

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly license?: string;
  readonly description?: string;
  readonly engines?: { readonly node?: string };
  readonly exports?: Record<string, string | Record<string, string>>;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
}

const read = (path: string): string => readFileSync(join(root, path), "utf8");
const json = <T>(path: string): T => JSON.parse(read(path)) as T;
const references = (path: string): string[] =>
  (json<{ references?: { path: string }[] }>(path).references ?? []).map((entry) => entry.path);

const packages = readdirSync(join(root, "packages"))
  .filter((folder) => existsSync(join(root, "packages", folder, "package.json")))
  .map((folder) => ({ folder, manifest: json<Manifest>(`packages/${folder}/package.json`) }));
const published = packages.filter(({ manifest }) => manifest.private !== true);
const folderOf = new Map(packages.map(({ folder, manifest }) => [manifest.name, folder]));

/** Which package may import which of ours; `.oxlintrc.json` enforces the same, file by file. */
const direction: Record<string, readonly string[]> = {
  protocol: [],
  core: ["protocol"],
  fastify: ["core"],
  redis: ["core"],
  lmdb: ["core"],
  opentelemetry: ["core"],
  testing: ["core", "fastify"],
  client: ["protocol"],
  react: ["client"],
  cli: ["client"],
};

test("there are packages to check", () => {
  expect(packages.map(({ folder }) => folder)).toContain("core");
});

test("every import is declared by the package that makes it", () => {
  expect(findProblems(root)).toEqual([]);
});

test("the lock file names no registry", () => {
  expect(read("package-lock.json")).not.toMatch(/"resolved": "[a-z+]+:/);
});

test("every app that is compiled is part of the build", () => {
  const compiled = readdirSync(join(root, "apps")).filter((app) =>
    existsSync(join(root, "apps", app, "tsconfig.json")),
  );
  const built = references("tsconfig.json").map((path) => path.split("/").slice(0, 2).join("/"));
  expect(built).toEqual(expect.arrayContaining(compiled.map((app) => `apps/${app}`)));
});

describe.each(published.map((each) => [each.manifest.name, each] as const))("%s", (_, each) => {
  const { folder, manifest } = each;
  const path = `packages/${folder}`;

  test("tells what it is, under which license and for which Node", () => {
    expect(manifest.name).toBe(`@sluice/${folder}`);
    expect(manifest.description).toMatch(/\.$/);
    expect(manifest.license).toBe("MIT");
    expect(manifest.engines?.node).toBe(json<Manifest>("package.json").engines?.node);
  });

  test("has a README that starts with its name", () => {
    expect(existsSync(join(root, path, "README.md")), `${path}/README.md`).toBe(true);
    expect(read(`${path}/README.md`).split("\n")[0]).toBe(`# ${manifest.name}`);
  });

  test("offers each entry as source, types and code, in that order", () => {
    const entries = Object.entries(manifest.exports ?? {}).filter(
      ([name]) => name !== "./package.json",
    );
    expect(entries.map(([name]) => name)).toContain(".");
    for (const [, conditions] of entries) {
      expect(Object.keys(conditions)).toEqual(["@sluice/source", "types", "default"]);
    }
  });

  test("has an index of named exports only", () => {
    const index = read(`${path}/src/index.ts`);
    expect(index).toMatch(/^export (type )?\{/m);
    expect(index).not.toMatch(/export\s+\*|export\s+default|\bas\s+default\b/);
  });

  test("depends on no other package of ours than the direction allows", () => {
    const ours = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
      .map((name) => folderOf.get(name))
      .filter((name) => name !== undefined);
    expect(direction).toHaveProperty(folder);
    expect(ours.filter((name) => !direction[folder]?.includes(name))).toEqual([]);
  });

  test("is compiled after the packages of ours that it depends on", () => {
    const ours = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
      .map((name) => folderOf.get(name))
      .filter((name) => name !== undefined)
      .map((name) => `../${name}`);
    expect(references(`${path}/tsconfig.json`).toSorted()).toEqual(ours.toSorted());
  });

  test("is part of the build and of the tests' types", () => {
    expect(references("tsconfig.json")).toContain(path);
    expect(references("tsconfig.tests.json")).toContain(path);
  });
});
