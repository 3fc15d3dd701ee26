import type { Bench } from "./bench.js";
import type { Settings } from "./options.js";

/** Something that every broker promises, and how to see whether this one keeps it. */
export interface Promised {
  /** A sentence. */
  readonly name: string;
  /** Which brokers promise it; undefined for all. */
  readonly when?: (settings: Settings) => boolean;
  run(bench: Bench): Promise<void>;
}

/** `count` texts as they stand on the wire. */
export function texts(count: number, name = "n"): string[] {
  return Array.from({ length: count }, (_, at) => `data: ${name}${at}\n\n`);
}
