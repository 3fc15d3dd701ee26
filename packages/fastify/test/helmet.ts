import { createRequire } from "node:module";

// The test runner's condition "import" makes `require("helmet")` give a module object, in which the
// plugin does not look for the default export.
const require = createRequire(import.meta.url);
const loaded = require("helmet") as { readonly default?: unknown };
const entry = require.cache[require.resolve("helmet")];
if (entry !== undefined && loaded.default !== undefined) entry.exports = loaded.default;

/** `@fastify/helmet`. */
export const { default: helmet } = await import("@fastify/helmet");
