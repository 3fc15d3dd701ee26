import { monitorEventLoopDelay } from "node:perf_hooks";
import { Injectable } from "@sluice/core";

/** What the process does at one moment. */
export interface Reading {
  /** Processor time since the reading before, in percent of one core. */
  cpu: number;
  /** Memory that the process holds, and its heap, in bytes. */
  memory: { rss: number; heapUsed: number };
  /** Seconds since the process started. */
  uptime: number;
  /** How late timers ran since the reading before, in milliseconds: the 99th percentile. */
  lag: number;
}

const RESOLUTION = 10;
/** Readings younger than this are shared, so that many listeners don't shorten each other's. */
const FRESH = 500;

@Injectable()
export class Meter {
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION });
  #cpu = process.cpuUsage();
  #at = performance.now();
  #reading: Reading | undefined;

  constructor() {
    this.#delay.enable();
  }

  /** The reading of now, or the last one if that is half a second old at most. */
  read(): Reading {
    const now = performance.now();
    const elapsed = now - this.#at;
    if (this.#reading !== undefined && elapsed < FRESH) return this.#reading;

    const spent = process.cpuUsage(this.#cpu);
    const { rss, heapUsed } = process.memoryUsage();
    this.#reading = {
      cpu: round((100 * (spent.user + spent.system)) / 1000 / Math.max(elapsed, 1)),
      memory: { rss, heapUsed },
      uptime: round(process.uptime()),
      lag: round(Math.max(0, this.#delay.percentile(99) / 1e6 - RESOLUTION)),
    };
    this.#cpu = process.cpuUsage();
    this.#at = now;
    this.#delay.reset();
    return this.#reading;
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
