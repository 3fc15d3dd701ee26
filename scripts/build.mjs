// `npm run build`: compiles everything and builds the demo's page.
import { start } from "./process.mjs";
import { buildPage, compile } from "./setup.mjs";

await start(async () => {
  await compile();
  await buildPage();
  return 0;
});
