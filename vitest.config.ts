import { defineConfig } from "vitest/config";
import { toolVariables } from "./scripts/tools.mjs";

// Tests run the sources themselves: every package's "@sluice/source" export.
const conditions = ["@sluice/source", "module", "node"];

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
    typecheck: { enabled: false },
    passWithNoTests: false,
  },
});
