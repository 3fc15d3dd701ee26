// `npm start`: sets up what is missing and runs the demo. Further arguments go to the demo.
import { join } from "node:path";
import { root, run, start } from "./process.mjs";
import { buildPage, checkNode, compile, installPackages, npmScript } from "./setup.mjs";

await start(async () => {
  checkNode();
  await installPackages();
  await compile();
  await buildPage();
  const { command, args } = npmScript("apps/demo", "start");
  return run(command, [...args, ...process.argv.slice(2)], { cwd: join(root, "apps/demo") });
});
