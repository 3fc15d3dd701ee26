// `npm test`: sets up what is missing and runs the tests. Further arguments go to vitest.
import { run, start } from "./process.mjs";
import { buildPage, checkNode, compile, installPackages } from "./setup.mjs";
import { inCi, installTools, remedy } from "./tools.mjs";

await start(async () => {
  checkNode();
  await installPackages();
  await compile();
  await buildPage();
  const missing = await installTools();
  for (const tool of missing) {
    console.log(`${remedy(tool)}${inCi() ? "" : " The tests that need it are skipped."}`);
  }
  const args = ["node_modules/vitest/vitest.mjs", "run", ...process.argv.slice(2)];
  const code = await run(process.execPath, args);
  return code === 0 && inCi() && missing.length > 0 ? 1 : code;
});
