export { EXIT_CODES } from "./exit-code.js";
export type { Sink } from "./output.js";
export { type Result, run, type Surroundings } from "./run.js";
