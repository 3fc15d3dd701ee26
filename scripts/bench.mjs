// `npm run bench`: sets up what is missing and runs the benchmark. Further arguments go to it.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root, run, start } from "./process.mjs";
import { checkNode, compile, installPackages, isInstalled } from "./setup.mjs";
import { findTools, remedy } from "./tools.mjs";

/**
 * The tests need none of these, so that `npm test` does not install them.
 *
 * @type {readonly import("./tools.mjs").Tool[]}
 */
const tools = [
  {
    name: "A C compiler",
    variable: "CC",
    absent: "SLUICE_NO_CC",
    debian: "build-essential",
    places: ["cc", "gcc", "clang"],
  },
  {
    name: "nginx",
    variable: "NGINX_PATH",
    absent: "SLUICE_NO_NGINX",
    debian: "nginx-light",
    places: ["nginx", "/usr/sbin/nginx", "/usr/local/sbin/nginx"],
  },
  {
    name: "nchan",
    variable: "NCHAN_MODULE_PATH",
    absent: "SLUICE_NO_NCHAN",
    debian: "libnginx-mod-nchan",
    places: ["/usr/lib/nginx/modules/ngx_nchan_module.so"],
  },
];

await start(async () => {
  checkNode();
  await installPackages();
  await compile();
  await installPeers();
  const { found, missing } = await installMissing();
  for (const tool of missing) console.log(remedy(tool));
  const args = [join(root, "apps/bench/dist/main.js"), ...process.argv.slice(2)];
  return run(process.execPath, args, { env: { ...process.env, ...found } });
});

/** Installs the other frameworks. Without them the rest can be measured all the same. */
async function installPeers() {
  const peers = join(root, "apps/bench/peers");
  if (isInstalled(peers)) return;
  console.log("Installing the frameworks to compare with");
  const args = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
  const code = await run("npm", args, { cwd: peers, quiet: true });
  if (code !== 0) console.log("npm ci failed in apps/bench/peers: its frameworks are left out.");
}

/** Looks for the programs, and installs those that are missing where that needs no asking. */
async function installMissing() {
  const looked = findTools(process.env, tools);
  const lacking = looked.missing.filter(({ variable }) => !process.env[variable]);
  const isRoot = process.getuid?.() === 0;
  const mayInstall =
    lacking.length > 0 &&
    existsSync("/usr/bin/apt-get") &&
    (isRoot || spawnSync("sudo", ["-n", "true"]).status === 0);
  if (!mayInstall) return looked;

  const packages = lacking.map(({ debian }) => debian);
  console.log(`Installing ${packages.join(", ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  /** @param {readonly string[]} args */
  const apt = async (...args) => {
    const words = ["apt-get", "-qq", ...args];
    const code = isRoot
      ? await run("apt-get", words.slice(1), { env, quiet: true })
      : await run("sudo", ["-n", ...words], { env, quiet: true });
    return code === 0;
  };
  if (await apt("update")) await apt("install", "-y", "--no-install-recommends", ...packages);
  return findTools(process.env, tools);
}
