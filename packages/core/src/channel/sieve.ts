import type { Frame } from "../frame.js";
import { Batch } from "./batch.js";
import { ControlFrame } from "./control-frame.js";

/** After how many events that it has left out a client is told at the latest how far it is. */
const MOST_PATIENCE = 256;

/**
 * Leaves out what a filter does not pass. Now and then it tells the client how far it is: its cursor
 * would leave the history otherwise, and it would be told of a loss that there is not.
 */
export class Sieve {
  readonly #passes: (frame: Frame) => boolean;
  readonly #patience: number;
  /** How many frames were left out since the client was told where it is. */
  #silent = 0;

  /** @param kept - how many events the channel keeps */
  constructor(passes: (frame: Frame) => boolean, kept: number) {
    this.#passes = passes;
    this.#patience = Math.max(1, Math.min(MOST_PATIENCE, Math.floor(kept / 3)));
  }

  /**
   * What is to be written of a batch; undefined for nothing.
   *
   * @throws what the filter throws
   */
  sift(batch: Batch): Batch | undefined {
    const passed = batch.filter(this.#passes);
    if (passed !== undefined) {
      this.#silent = 0;
      return passed;
    }
    this.#silent += batch.size;
    if (this.#silent < this.#patience) return undefined;
    this.#silent = 0;
    return Batch.ofFrames([ControlFrame.position(batch.lastId)], batch.lastId);
  }
}
