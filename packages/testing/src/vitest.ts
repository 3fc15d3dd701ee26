// Without it, the compiler does not look for the module that is added to below.
// oxlint-disable-next-line unicorn/require-module-specifiers -- nothing of it is needed here
export type {} from "vitest";
import type { SluiceMatchers } from "./matchers.js";

export { matchers } from "./matchers.js";

declare module "vitest" {
  interface Matchers<T> extends SluiceMatchers<void, T> {}
}
