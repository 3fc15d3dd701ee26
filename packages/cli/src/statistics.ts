import { Histogram } from "./histogram.js";
import { Rate } from "./rate.js";

/** What is counted and measured while a stream is followed. Times are in milliseconds, and do not go back. */
export class Statistics {
  readonly gaps = new Histogram();
  readonly latency = new Histogram();
  readonly start: number;
  bytes = 0;
  events = 0;
  reconnects = 0;
  resets = 0;
  /** From the request to the head of its answer, the first time that there was a stream. */
  firstByte: number | undefined;
  /** From the request to the first event of its answer. */
  firstEvent: number | undefined;
  lastEventAt: number | undefined;
  readonly #now: () => number;
  readonly #eventRate: Rate;
  readonly #byteRate: Rate;
  #requestedAt: number;

  /** @param now - the time */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.start = now();
    this.#requestedAt = this.start;
    this.#eventRate = new Rate(this.start);
    this.#byteRate = new Rate(this.start);
  }

  /** How long it has been going on. */
  get elapsed(): number {
    return this.#now() - this.start;
  }

  /** How long ago the last event came. */
  get age(): number | undefined {
    return this.lastEventAt === undefined ? undefined : this.#now() - this.lastEventAt;
  }

  /** Events a second, lately. */
  get eventRate(): number {
    return this.#eventRate.at(this.#now());
  }

  /** Bytes a second, lately. */
  get byteRate(): number {
    return this.#byteRate.at(this.#now());
  }

  requested(): void {
    this.#requestedAt = this.#now();
  }

  /** A stream has opened. */
  opened(): void {
    if (this.firstByte === undefined) this.firstByte = this.#now() - this.#requestedAt;
    else this.reconnects++;
  }

  received(bytes: number): void {
    this.bytes += bytes;
    this.#byteRate.add(bytes, this.#now());
  }

  /** @param latency - of the event, where it says when it was made */
  event(latency: number | undefined): void {
    const now = this.#now();
    this.events++;
    this.#eventRate.add(1, now);
    this.firstEvent ??= now - this.#requestedAt;
    if (this.lastEventAt !== undefined) this.gaps.add(now - this.lastEventAt);
    if (latency !== undefined) this.latency.add(latency);
    this.lastEventAt = now;
  }
}
