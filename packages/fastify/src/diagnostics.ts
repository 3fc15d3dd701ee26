import { channel } from "node:diagnostics_channel";
import type { CloseReason } from "@sluice/core";

/** Published on `sluice:connection:opened`, when the head of a stream is out. */
export interface ConnectionOpened {
  /** Tells the connections of this process apart: its closing has the same. */
  readonly id: number;
  /** The handler, as `Class.method`. */
  readonly route: string;
}

/** Published on `sluice:connection:closed`. */
export interface ConnectionClosed {
  readonly id: number;
  readonly route: string;
  readonly reason: CloseReason;
}

/**
 * Published on `sluice:producer:stopping`, when a source is told to stop because its connection
 * closed, and on `sluice:producer:stopped`, when it has come to its end.
 */
export interface ProducerStopped {
  /** Tells the sources of this process apart that were told to stop. */
  readonly id: number;
  readonly route: string;
}

/**
 * Published on `sluice:producer:stuck`, when a source still runs long after its connection closed:
 * it waits for something and ignores the signal.
 */
export interface ProducerStuck {
  readonly route: string;
  /** How long ago the connection closed, in milliseconds. */
  readonly elapsed: number;
}

export const connectionOpened = channel("sluice:connection:opened");
export const connectionClosed = channel("sluice:connection:closed");
export const producerStopping = channel("sluice:producer:stopping");
export const producerStopped = channel("sluice:producer:stopped");
export const producerStuck = channel("sluice:producer:stuck");
