// `npm run nodes`: two demo nodes behind one port, with a Redis that they share, to kill one and watch.
import { runNodes } from "./nodes/run.mjs";
import { start } from "./process.mjs";
import { buildPage, checkNode, compile, installPackages } from "./setup.mjs";

await start(async () => {
  checkNode();
  await installPackages();
  await compile();
  await buildPage();
  return runNodes();
});
