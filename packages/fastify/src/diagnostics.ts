import { channel } from "node:diagnostics_channel";
import type { CloseReason, FinalRunState } from "@sluice/core";
import type { AnyLimitName } from "./limits.js";

/** Published on `sluice:connection:opened`, when the head of a stream is out. */
export interface ConnectionOpened {
  /** Tells the connections of this process apart: its closing has the same. */
  readonly id: number;
  /** The handler, as `Class.method`. */
  readonly route: string;
}

/** Published on `sluice:connection:closed`, for a connection that had been opened. */
export interface ConnectionClosed {
  readonly id: number;
  readonly route: string;
  readonly reason: CloseReason;
  /** From the arrival of the request to the close, in milliseconds. */
  readonly duration: number;
  /** From the arrival of the request to the first event; undefined when there was none. */
  readonly firstEvent: number | undefined;
  /** How many events were sent. */
  readonly events: number;
  /** How many bytes were sent after the head, those of the chunked coding included. */
  readonly bytes: number;
  /** How many events were left out because the client was slow. */
  readonly dropped: number;
  /** How many events of a channel's past were sent. */
  readonly replayed: number;
  /** How often the client was told that events are missing. */
  readonly resets: number;
}

/** Published on `sluice:connection:first-event`. */
export interface FirstEvent {
  readonly id: number;
  readonly route: string;
  /** From the arrival of the request, in milliseconds. */
  readonly elapsed: number;
}

/** Published on `sluice:connection:sent`, each time that something is handed to a client's socket. */
export interface ConnectionSent {
  readonly id: number;
  readonly route: string;
  readonly events: number;
  readonly bytes: number;
}

/** Published on `sluice:connection:drained`, when a client that was behind has taken all. */
export interface ConnectionDrained {
  readonly id: number;
  readonly route: string;
  /** How long it was behind, in milliseconds. */
  readonly elapsed: number;
}

/**
 * Published on `sluice:connection:dropped`, `sluice:connection:replayed` and
 * `sluice:connection:reset`: events that were left out because the client was slow, that it was sent
 * because it had missed them, and resets that it was told.
 */
export interface ConnectionCounted {
  readonly id: number;
  readonly route: string;
  readonly count: number;
}

/** Published on `sluice:connection:refused`, when a limit was reached. */
export interface ConnectionRefused {
  readonly route: string;
  readonly limit: AnyLimitName;
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

/** Published on `sluice:run:started`, when a handler with `@Run` is about to be called. */
export interface RunStarted {
  /** Tells runs apart, also those of one key: its end has the same. */
  readonly id: string;
  /** The handler, as `Class.method`. */
  readonly route: string;
  readonly key: string;
}

/** Published on `sluice:run:ended`, when its handler is told to stop, or has come to its end. */
export interface RunEnded {
  readonly id: string;
  readonly route: string;
  readonly key: string;
  readonly state: FinalRunState;
  /** In milliseconds. */
  readonly duration: number;
  /** How many events it has published. */
  readonly events: number;
  /** How many bytes they have, without their ids. */
  readonly bytes: number;
}

export const connectionOpened = channel("sluice:connection:opened");
export const connectionClosed = channel("sluice:connection:closed");
export const connectionFirstEvent = channel("sluice:connection:first-event");
export const connectionSent = channel("sluice:connection:sent");
export const connectionDrained = channel("sluice:connection:drained");
export const connectionRefused = channel("sluice:connection:refused");
export const connectionDropped = channel("sluice:connection:dropped");
export const connectionReplayed = channel("sluice:connection:replayed");
export const connectionReset = channel("sluice:connection:reset");
export const producerStopping = channel("sluice:producer:stopping");
export const producerStopped = channel("sluice:producer:stopped");
export const producerStuck = channel("sluice:producer:stuck");
export const runStarted = channel("sluice:run:started");
export const runEnded = channel("sluice:run:ended");
