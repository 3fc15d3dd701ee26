import { createRequire } from "node:module";

// The test runner's condition "import" makes `require("helmet")` give a module object, in which the
// plugin does not look for the default export.
const loadForPlugin = createRequire(createRequire(import.meta.url).resolve("@fastify/helmet"));
const loaded = loadForPlugin("helmet") as { readonly default?: unknown };
const entry = loadForPlugin.cache[loadForPlugin.resolve("helmet")];
if (entry !== undefined && loaded.default !== undefined) entry.exports = loaded.default;

/** `@fastify/helmet`. */
export const { default: helmet } = await import("@fastify/helmet");
