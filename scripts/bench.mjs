// `npm run bench`: sets up what is missing and runs the benchmark. Further arguments go to it.
import { join } from "node:path";
import { root, run, start } from "./process.mjs";
import { checkNode, compile, installPackages, isInstalled } from "./setup.mjs";
import { findTools, installTools, remedy, tools } from "./tools.mjs";

/** What the tests need too, and nchan, which they don't: `npm test` does not install it. */
const needed = [
  ...tools.filter(({ variable }) => ["CC_PATH", "NGINX_PATH"].includes(variable)),
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
  for (const tool of await installTools(needed)) console.log(remedy(tool));
  const { found } = findTools(process.env, needed);
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
