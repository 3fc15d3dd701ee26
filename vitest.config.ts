import { defineConfig } from "vitest/config";

// Tests run the sources themselves: every package's "@sluice/source" export.
const conditions = ["@sluice/source", "node", "import", "module", "default"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
  test: {
    include: ["{packages,apps}/*/{src,test,server}/**/*.test.ts", "test/**/*.test.ts"],
    testTimeout: 20_000,
    typecheck: { enabled: false },
  },
});
