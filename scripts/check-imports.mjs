// Finds imports that a package does not declare. npm puts every package into one folder, so that
// such an import works in this repository and fails for those who install the package.
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "vite";
import { root } from "./process.mjs";

/**
 * @typedef {object} Manifest
 * @property {string} name
 * @property {boolean} [private]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [devDependencies]
 * @property {Record<string, string>} [peerDependencies]
 */

/**
 * Checks every package and app of a repository.
 *
 * @param {string} repository the folder that holds `packages` and `apps`
 * @returns {string[]} a line for each thing that is wrong
 */
export function findProblems(repository) {
  const everyone = readManifest(repository);
  const workspaces = ["packages", "apps"]
    .flatMap((group) =>
      entries(join(repository, group)).map(({ name }) => join(repository, group, name)),
    )
    .filter((folder) => existsSync(join(folder, "package.json")));
  const ours = workspaces.map((folder) => readManifest(folder).name);
  return workspaces.flatMap((folder) =>
    checkWorkspace(folder, [...ours, ...Object.keys(everyone.devDependencies ?? {})]).map(
      (problem) => relative(repository, problem),
    ),
  );
}

/**
 * @param {string} folder
 * @param {readonly string[]} forTests what tests may import besides
 */
function checkWorkspace(folder, forTests) {
  const manifest = readManifest(folder);
  const development = Object.keys(manifest.devDependencies ?? {});
  const declared = [
    ...Object.keys(manifest.dependencies ?? {}),
    ...Object.keys(manifest.peerDependencies ?? {}),
    // An app is not installed by anyone, so its development packages are always there.
    ...(manifest.private ? development : []),
  ];
  /** @type {string[]} */
  const problems = [];
  /** @type {Set<string>} */
  const used = new Set();

  for (const file of sources(folder)) {
    const test = isTest(relative(folder, file));
    const allowed = new Set(test ? [...declared, ...development, ...forTests] : declared);
    for (const specifier of importsOf(file)) {
      const problem = judge(specifier, { file, folder, test, allowed });
      if (problem !== undefined) problems.push(`${file}: "${specifier}" ${problem}`);
      if (!test) used.add(packageOf(specifier));
    }
  }
  for (const name of Object.keys(manifest.dependencies ?? {})) {
    // An app also lists what its packages want as peers.
    if (used.has(name) || manifest.private) continue;
    problems.push(
      `${join(folder, "package.json")}: "${name}" is a dependency that nothing imports.`,
    );
  }
  return problems;
}

/**
 * @param {string} specifier
 * @param {{ file: string, folder: string, test: boolean, allowed: ReadonlySet<string> }} importer
 * @returns {string | undefined} what is wrong with it
 */
function judge(specifier, { file, folder, test, allowed }) {
  if (specifier.startsWith("node:")) return undefined;
  if (specifier.startsWith(".")) {
    const inside = resolve(dirname(file), specifier).startsWith(folder + sep);
    return inside || test ? undefined : "leaves the package: import the other one by its name.";
  }
  const name = packageOf(specifier);
  if (allowed.has(name)) return undefined;
  if (builtinModules.includes(name)) return `is Node's own: write "node:${specifier}".`;
  return `is not declared: add ${name} to the dependencies or peerDependencies in package.json.`;
}

/** @param {string} specifier */
function packageOf(specifier) {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

/**
 * What a file imports: statements, re-exports, `import()`, `import("x").Type` and `require("x")`.
 *
 * @param {string} file
 * @returns {Set<string>}
 */
function importsOf(file) {
  /** @type {Set<string>} */
  const specifiers = new Set();
  /** @param {unknown} node */
  const visit = (node) => {
    if (Array.isArray(node)) return node.forEach(visit);
    if (typeof node !== "object" || node === null) return;
    const { type, source, callee, arguments: args } = /** @type {Record<string, any>} */ (node);
    const named = /^(Import|Export|TSImportType)/.test(type) ? source : undefined;
    const required = type === "CallExpression" && callee.name === "require" ? args[0] : undefined;
    const value = (named ?? required)?.value;
    if (typeof value === "string") specifiers.add(value);
    Object.values(node).forEach(visit);
  };
  visit(parseSync(file, readFileSync(file, "utf8")).program);
  return specifiers;
}

/** @param {string} path inside the workspace */
function isTest(path) {
  return (
    /\.test\.tsx?$/.test(path) || /(^|\/)(test|bench)\//.test(path) || path.endsWith(".config.ts")
  );
}

/**
 * @param {string} folder
 * @returns {string[]} the source files in and below it
 */
function sources(folder) {
  return entries(folder).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isFile()) return /\.[cm]?[jt]sx?$/.test(entry.name) ? [path] : [];
    if (["dist", "node_modules", "coverage"].includes(entry.name)) return [];
    // A package within it has a list of its own.
    return existsSync(join(path, "package.json")) ? [] : sources(path);
  });
}

/** @param {string} folder */
function entries(folder) {
  return existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
}

/**
 * @param {string} folder
 * @returns {Manifest}
 */
function readManifest(folder) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

if (
  process.argv[1] !== undefined &&
  realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)
) {
  const problems = findProblems(root);
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
