import type { Writable } from "node:stream";
import { type Batch, type Outlet, scheduleFlush, type SharedText } from "@sluice/core";
import { connectionSent } from "../diagnostics.js";

/** From this many characters on, what has been gathered goes out before the turn ends. */
const GATHER_LIMIT = 16_384;

/** After so many characters, others get a turn: about a millisecond of a generator that never waits. */
const YIELD_AFTER = 65_536;

/** What a producer should do after a write. */
export const Pace = {
  /** Go on. */
  Go: 0,
  /** A good deal went out: let others have a turn. */
  Yield: 1,
  /** The socket is full: wait for it to drain. */
  Wait: 2,
} as const;
export type Pace = (typeof Pace)[keyof typeof Pace];

/** Takes note of what is sent. */
interface Observer {
  sent(events: number, text: string): void;
}

/** What ends the body: the response, or what a hook put before it. */
interface Endable {
  end(): unknown;
}

/**
 * Writes frames to one response whose head is out. What is written in one turn of the event loop is
 * gathered and leaves in one write.
 */
export abstract class Writer implements Outlet {
  /** Where bytes wait when the client reads slowly, and what emits `drain`. */
  readonly target: Writable;
  /** Bytes that were handed to {@link target}. */
  written = 0;
  /** Is told of batches that don't come through the connection. */
  observer: Observer | undefined;
  readonly #body: Endable;
  #gathered = "";
  /** What was gathered, where it is one text that others get too. */
  #shared: SharedText | undefined;
  /** Characters, also those of a client that has left: only a turn can tell that. */
  #sinceYield = 0;

  constructor(body: Endable, target: Writable) {
    this.#body = body;
    this.target = target;
  }

  /** Bytes that the client has not taken. */
  get bufferedBytes(): number {
    return this.target.writableLength + this.#gathered.length;
  }

  /** Bytes that the client has taken, in all. */
  get takenBytes(): number {
    return this.written - this.target.writableLength;
  }

  /** Whether the client is behind, so that a producer should wait for `drain`. */
  get needsDrain(): boolean {
    return this.target.writableNeedDrain;
  }

  /** Something was gathered that has not been sent. */
  protected get isGathering(): boolean {
    return this.#gathered !== "";
  }

  /**
   * Takes the text of one frame, or of several.
   *
   * @param shared - the same, where others get it too: alone in its turn, it is not made into bytes again
   */
  write(text: string, shared?: SharedText): Pace {
    if (this.#gathered === "") {
      scheduleFlush(this);
      this.#shared = shared;
    } else this.#shared = undefined;
    this.#gathered += text;
    if (this.#gathered.length < GATHER_LIMIT) return this.needsDrain ? Pace.Wait : Pace.Go;
    this.#sinceYield += this.#gathered.length;
    this.flush();
    if (this.needsDrain) return Pace.Wait;
    if (this.#sinceYield < YIELD_AFTER) return Pace.Go;
    this.#sinceYield = 0;
    return Pace.Yield;
  }

  /** Sends a batch that others get too; without an allocation, for it is done for each of them. */
  writeBatch(batch: Batch): number {
    if (connectionSent.hasSubscribers) this.observer?.sent(batch.size, batch.text);
    return this.writeShared(batch);
  }

  /**
   * Sends a text that others get too, after what was gathered.
   *
   * @returns how many bytes the client has not taken, if they are so many that one should wait; else 0
   */
  writeShared(shared: SharedText): number {
    if (this.#gathered !== "") this.flush();
    if (!this.isWritable || this.sendShared(shared) || !this.needsDrain) return 0;
    return this.bufferedBytes;
  }

  /** Sends what was gathered. */
  flush(): void {
    const text = this.#gathered;
    if (text === "") return;
    const shared = this.#shared;
    this.#gathered = "";
    this.#shared = undefined;
    if (!this.isWritable) return;
    if (shared === undefined) this.sendText(text);
    else this.sendShared(shared);
  }

  /** Sends what was gathered and ends the response. */
  end(): void {
    this.flush();
    this.#body.end();
  }

  /** Not for a client that has closed its half: Node has ended the socket then. */
  protected get isWritable(): boolean {
    return !this.target.destroyed && !this.target.writableEnded;
  }

  protected abstract sendText(text: string): void;
  /** @returns whether there is room for more */
  protected abstract sendShared(shared: SharedText): boolean;
}
