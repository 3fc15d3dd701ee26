// What has to be in place before the demo or the tests run. A step that finds it there does nothing.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, run, Stop } from "./process.mjs";

/**
 * @param {string} version of Node
 * @param {string} range as `engines` says it: ">=20.19"
 * @throws Stop if the version is older
 */
export function checkNode(version = process.versions.node, range = manifest(".").engines.node) {
  const wanted = range.replace(">=", "");
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [leastMajor = 0, leastMinor = 0] = wanted.split(".").map(Number);
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return;
  throw new Stop(`Sluice needs Node ${wanted} or newer; this is Node ${version}.`);
}

/** Installs what package-lock.json names, unless that is what is installed. */
export async function installPackages() {
  if (isInstalled(root)) return;
  console.log("Installing packages");
  const args = ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  const npm = process.env.npm_execpath;
  const code = npm?.endsWith(".js")
    ? await run(process.execPath, [npm, ...args], { quiet: true })
    : await run("npm", args, { quiet: true });
  if (code !== 0) throw new Stop("npm ci failed.", code);
}

/**
 * Compares package-lock.json with the record that npm leaves in node_modules at the end of an
 * install, so that an install by hand counts and one that was cut short does not.
 *
 * @param {string} folder that holds both
 */
export function isInstalled(folder) {
  const record = join(folder, "node_modules/.package-lock.json");
  if (!existsSync(record)) return false;
  const installed = readJson(record).packages;
  return Object.entries(readJson(join(folder, "package-lock.json")).packages).every(
    ([path, wanted]) => {
      if (!path.includes("node_modules/")) return true;
      const found = installed[path];
      // Those for other platforms are never installed.
      if (found === undefined) return wanted.optional === true || wanted.devOptional === true;
      return found.version === wanted.version && found.resolved === wanted.resolved;
    },
  );
}

/** Compiles every package, app and test, and so checks their types. */
export async function compile() {
  const code = await run(process.execPath, ["node_modules/typescript/bin/tsc", "-b"]);
  if (code !== 0) throw new Stop("The code does not compile.", code);
}

/** Builds the demo's page, if anything that it is made of has changed since the last time. */
export async function buildPage() {
  const demo = "apps/demo";
  if (!("build:web" in (manifest(demo).scripts ?? {}))) return;
  const stamp = join(root, demo, "dist/.page");
  const state = fingerprint([demo, "packages", "package-lock.json", "tsconfig.base.json"]);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === state) return;
  console.log("Building the demo's page");
  const { command, args } = npmScript(demo, "build:web");
  const code = await run(command, args, { cwd: join(root, demo), quiet: true });
  if (code !== 0) throw new Stop("The demo's page does not build.", code);
  writeFileSync(stamp, state);
}

/**
 * What `npm run` would start, without npm in between, which prints a header and passes signals
 * through a shell.
 *
 * @param {string} workspace its folder
 * @param {string} name of the script: a program and its arguments, nothing that needs a shell
 */
export function npmScript(workspace, name) {
  const script = manifest(workspace).scripts?.[name];
  if (script === undefined || /[^\w\s./:@=-]/.test(script)) {
    throw new Stop(`${workspace}/package.json: "${name}" must be a program and its arguments.`);
  }
  const [program = "", ...args] = script.split(/\s+/);
  const command = program === "node" ? process.execPath : join(root, "node_modules/.bin", program);
  return { command, args };
}

/**
 * A hash of the files' contents: in a fresh clone their times say nothing.
 *
 * @param {readonly string[]} paths files and folders, from the root
 */
function fingerprint(paths) {
  const hash = createHash("sha256");
  /** @param {string} path */
  const add = (path) => {
    if (!statSync(join(root, path)).isDirectory()) {
      hash
        .update(path)
        .update("\0")
        .update(readFileSync(join(root, path)));
      return;
    }
    for (const name of readdirSync(join(root, path)).toSorted()) {
      if (name !== "dist" && name !== "node_modules") add(`${path}/${name}`);
    }
  };
  for (const path of paths) add(path);
  return hash.digest("hex");
}

/** @param {string} folder from the root, of a workspace */
function manifest(folder) {
  return readJson(join(root, folder, "package.json"));
}

/** @param {string} path */
function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}
