// The programs that the tests use and npm does not carry: where each is found, and how it is installed.
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { run } from "./process.mjs";

/**
 * A program, by what the tests call it.
 *
 * @typedef {object} Tool
 * @property {string} name for messages
 * @property {string} variable the environment variable that holds its path: one that is set wins,
 *   and the tests read what was found
 * @property {string} absent the variable that is "1" when tests are to be skipped for its lack
 * @property {string} debian the package of Debian and Ubuntu that has it
 * @property {readonly string[]} places paths, or names to be looked up in PATH
 */

/** @type {readonly Tool[]} */
export const tools = [
  {
    name: "Chromium",
    variable: "CHROMIUM_PATH",
    absent: "SLUICE_NO_CHROMIUM",
    debian: "chromium-headless-shell",
    places: [
      "chromium-headless-shell",
      "chromium",
      "google-chrome",
      "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
      "/Applications/Chromium.app/Contents/MacOS/Chromium",
    ],
  },
  {
    name: "Firefox",
    variable: "FIREFOX_PATH",
    absent: "SLUICE_NO_FIREFOX",
    debian: "firefox-esr",
    places: ["firefox-esr", "firefox", "/Applications/Firefox.app/Contents/MacOS/firefox"],
  },
  {
    name: "curl",
    variable: "CURL_PATH",
    absent: "SLUICE_NO_CURL",
    debian: "curl",
    places: ["curl"],
  },
  {
    name: "nginx",
    variable: "NGINX_PATH",
    absent: "SLUICE_NO_NGINX",
    debian: "nginx-light",
    // Debian keeps it where only root looks.
    places: ["nginx", "/usr/sbin/nginx", "/usr/local/sbin/nginx"],
  },
  {
    name: "Redis",
    variable: "REDIS_SERVER_PATH",
    absent: "SLUICE_NO_REDIS",
    debian: "redis-server",
    places: ["redis-server", "valkey-server"],
  },
  {
    name: "faketime",
    variable: "FAKETIME_PATH",
    absent: "SLUICE_NO_FAKETIME",
    debian: "faketime",
    places: ["faketime"],
  },
  {
    name: "strace",
    variable: "STRACE_PATH",
    absent: "SLUICE_NO_STRACE",
    debian: "strace",
    places: ["strace"],
  },
  {
    // faketime can't run what uses jemalloc, as Debian's Redis does, unless it is given another allocator.
    name: "mimalloc",
    variable: "MIMALLOC_PATH",
    absent: "SLUICE_NO_MIMALLOC",
    debian: "libmimalloc2.0",
    places: [
      "/usr/lib/x86_64-linux-gnu/libmimalloc.so.2",
      "/usr/lib/aarch64-linux-gnu/libmimalloc.so.2",
    ],
  },
  {
    name: "A compiler of C",
    variable: "CC_PATH",
    absent: "SLUICE_NO_CC",
    // gcc alone comes without the headers.
    debian: "build-essential",
    places: ["cc", "gcc", "clang"],
  },
];

/**
 * Looks for each program.
 *
 * @param {NodeJS.ProcessEnv} [env]
 * @param {readonly Tool[]} [wanted]
 * @returns {{ found: Record<string, string>, missing: Tool[] }} the paths by variable, and the rest
 */
export function findTools(env = process.env, wanted = tools) {
  /** @type {Record<string, string>} */
  const found = {};
  /** @type {Tool[]} */
  const missing = [];
  for (const tool of wanted) {
    const given = env[tool.variable];
    const places = given === undefined || given === "" ? tool.places : [given];
    const path = places.map((place) => lookUp(place, env)).find((place) => place !== undefined);
    if (path === undefined) missing.push(tool);
    else found[tool.variable] = path;
  }
  return { found, missing };
}

/**
 * The variables by which tests learn what there is. Where `CI` is set nothing may be skipped: a test
 * that finds no path fails.
 *
 * @param {NodeJS.ProcessEnv} [env]
 * @param {readonly Tool[]} [wanted]
 * @returns {Record<string, string>}
 */
export function toolVariables(env = process.env, wanted = tools) {
  const { found, missing } = findTools(env, wanted);
  const skipped = inCi(env) ? [] : missing.map((tool) => [tool.absent, "1"]);
  return { ...found, ...Object.fromEntries(skipped) };
}

/**
 * Installs what is missing, where that can be done without asking: on Debian and Ubuntu, as root or
 * with a sudo that wants no password. A path that a variable names is never replaced.
 *
 * @param {readonly Tool[]} [wanted]
 * @returns {Promise<Tool[]>} what is missing still
 */
export async function installTools(wanted = tools) {
  const look = () => findTools(process.env, wanted).missing;
  const lacking = look().filter((tool) => !process.env[tool.variable]);
  const prefix = lacking.length > 0 ? aptPrefix() : undefined;
  if (prefix === undefined) return look();

  const packages = lacking.map((tool) => tool.debian);
  console.log(`Installing ${packages.join(", ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  /** @param {readonly string[]} args */
  const apt = async (...args) => {
    const [command = "apt-get", ...rest] = [...prefix, "apt-get", "-qq", ...args];
    return (await run(command, rest, { env, quiet: true })) === 0;
  };
  const install = ["install", "-y", "--no-install-recommends"];
  if ((await apt("update")) && !(await apt(...install, ...packages))) {
    // One that this system does not know by that name keeps no other away.
    for (const name of packages) await apt(...install, name);
  }
  return look();
}

/**
 * @param {Tool} tool that is missing
 * @returns {string} one line that says what to do
 */
export function remedy({ name, variable, debian }) {
  const given = process.env[variable];
  if (given) return `${name} is missing: ${variable} names ${given}, which is no program.`;
  return `${name} is missing: install it (Debian, Ubuntu: the package ${debian}) or set ${variable} to its path.`;
}

/** @param {NodeJS.ProcessEnv} [env] */
export function inCi(env = process.env) {
  return env.CI !== undefined && env.CI !== "" && env.CI !== "false";
}

/** The words before `apt-get`, or undefined where it can't be used. */
function aptPrefix() {
  if (!existsSync("/usr/bin/apt-get")) return undefined;
  if (process.getuid?.() === 0) return [];
  return spawnSync("sudo", ["-n", "true"]).status === 0 ? ["sudo", "-n"] : undefined;
}

/**
 * @param {string} place a path, or a name to be looked up in PATH
 * @param {NodeJS.ProcessEnv} env
 */
function lookUp(place, env) {
  const folders = place.includes("/") ? [""] : (env.PATH ?? "").split(delimiter);
  return folders.map((folder) => join(folder, place)).find(isProgram);
}

/** @param {string} path of a program, or of a library */
function isProgram(path) {
  try {
    accessSync(path, /\.so(\.\d+)*$/.test(path) ? constants.R_OK : constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
