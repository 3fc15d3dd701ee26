import { defineConfig } from "vitest/config";
import { toolVariables } from "./scripts/tools.mjs";

// Tests run the sources themselves: every package's "@sluice/source" export. Vite's own "module" is
// left out: Node loads the dependencies, and finds other files than those that bundlers are meant for.
const conditions = ["@sluice/source", "node"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
  test: {
    include: [
      "{packages,apps}/*/{src,test,server,web}/**/*.test.{ts,tsx}",
      "{test,docs}/**/*.test.ts",
    ],
    env: toolVariables(),
    testTimeout: 20_000,
    // Servers and browsers start in hooks, two at a time.
    hookTimeout: 60_000,
    // Most tests wait for sockets and browsers, not for the processor.
    maxWorkers: 2,
    typecheck: { enabled: false },
    passWithNoTests: false,
  },
});
