import { fileURLToPath } from "node:url";
import { defaultClientConditions, defineConfig } from "vite";

const web = (path: string) => fileURLToPath(new URL(`web/${path}`, import.meta.url));

/** Where `npm start` listens, for `npm run dev:web`. */
const SERVER = process.env["DEMO_SERVER"] ?? "http://localhost:3000";
const ROUTES =
  "^/(activity|answers|api|broadcast|chat(?=/)|connections|counter|dashboard|errors|events|express|express-basic|inbox|jobs|moro|nodes|notifications|rooms|seeds|stream)\\b";

export default defineConfig({
  root: web(""),
  // Assets are found wherever the page is mounted.
  base: "./",
  resolve: { conditions: ["@sluice/source", ...defaultClientConditions] },
  build: {
    outDir: fileURLToPath(new URL("dist/web", import.meta.url)),
    emptyOutDir: true,
    target: "es2022",
    // An inlined script or style would need an exception in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        index: web("index.html"),
        chat: web("chat.html"),
        messages: web("clients/messages.html"),
        counter: web("clients/counter.html"),
      },
    },
  },
  server: { proxy: { [ROUTES]: { target: SERVER } } },
});
