import type { Measured } from "../measurement.js";
import type { Reading } from "../program/meters/meter.js";
import { partsOf, totalOf, without } from "../reading.js";
import type { Efforts } from "./costs.js";

/** Enough for what is counted one by one: the first time is for what is done only once. */
export const COUNTED: Efforts = {
  fanOut: { clients: [10, 30], turns: 10, times: 2 },
  single: { clients: [10, 30], turns: 10, times: 2 },
  many: { clients: [1, 6], turns: 5, times: 2 },
  opening: { clients: [10, 30], turns: 1, times: 5 },
};

/** A measure that is the sum of a reading's counts. */
export function counted(name: string, unit: string, reading: Reading): Measured {
  return { name, unit, value: totalOf(reading), parts: partsOf(without(reading, [unit])) };
}
