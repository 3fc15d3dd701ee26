import { Buffer } from "node:buffer";
import type { SseEvent } from "@sluice/protocol";
import { Queue } from "./queue.js";

/** An event that waits, and its text on the wire. */
export interface Waiting {
  readonly event: SseEvent;
  readonly text: string;
}

interface Entry extends Waiting {
  readonly bytes: number;
}

/** The events that wait for a connection, in order, and how many bytes they are. */
export class Backlog {
  readonly #entries = new Queue<Entry>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#entries.isEmpty;
  }

  /**
   * Adds an event if it fits.
   *
   * @param bound - how many bytes may wait
   */
  add(event: SseEvent, text: string, bound: number): boolean {
    const bytes = Buffer.byteLength(text);
    if (this.#bytes + bytes > bound) return false;
    this.#push({ event, text, bytes });
    return true;
  }

  /**
   * Adds an event in place of the oldest ones.
   *
   * @returns the events that are lost; undefined when this one would not fit into an empty backlog,
   * and takes nobody's place
   */
  displace(event: SseEvent, text: string, bound: number): SseEvent[] | undefined {
    const bytes = Buffer.byteLength(text);
    if (bytes > bound) return undefined;
    const lost: SseEvent[] = [];
    while (this.#bytes + bytes > bound) lost.push(this.take()!.event);
    this.#push({ event, text, bytes });
    return lost;
  }

  /** Takes the oldest; undefined when nothing waits. */
  take(): Waiting | undefined {
    const entry = this.#entries.shift();
    if (entry !== undefined) this.#bytes -= entry.bytes;
    return entry;
  }

  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }

  #push(entry: Entry): void {
    this.#entries.push(entry);
    this.#bytes += entry.bytes;
  }
}
