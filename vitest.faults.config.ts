import { defineConfig } from "vitest/config";
import { FaultTable } from "./test/faults/fault-table.js";
import base from "./vitest.config.js";

// The long forms: `npm run test:faults`. One at a time, so that each has the machine for itself.
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ["test/faults/**/*.fault.ts"],
    fileParallelism: false,
    reporters: ["default", new FaultTable()],
  },
});
