import type { Measurement } from "../measurement.js";
import { startProgram } from "../start-program.js";
import { costs } from "./costs.js";
import { COUNTED } from "./counted.js";

/** How many JavaScript functions are called, those of Node included. */
export async function measureCalls(): Promise<Measurement[]> {
  await using program = await startProgram("calls");
  return await costs(program, "calls", "calls", COUNTED);
}
