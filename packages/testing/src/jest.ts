// Without it, the compiler does not look for the module that is added to below.
// oxlint-disable-next-line unicorn/require-module-specifiers -- nothing of it is needed here
export type {} from "expect";
import type { SluiceMatchers } from "./matchers.js";

export { matchers } from "./matchers.js";

// Of `expect` from @jest/globals.
declare module "expect" {
  interface Matchers<R, T> extends SluiceMatchers<R, T> {}
}
