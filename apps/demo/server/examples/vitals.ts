import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { Injectable } from "@sluice/core";
import { Neighbours } from "../nodes/neighbours.js";
import { Traffic } from "./traffic.js";

/** What this process does at one moment. */
export interface VitalSigns {
  /** When it was read, in milliseconds. */
  at: number;
  /** How late timers ran since the reading before, in milliseconds: the longest. */
  delay: number;
  /** The bytes of the heap that are in use. */
  heap: number;
  /** How many streams are open. */
  connections: number;
  /** How many events were published a second, in all channels, since the reading before. */
  rate: number;
  /** The node that this process is, where there are several. */
  node?: string;
}

const RESOLUTION = 10;
const FRESH = 1000;

@Injectable()
export class Vitals {
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION });
  #connections = 0;
  #published = 0;
  #last: VitalSigns | undefined;

  constructor(
    private readonly traffic: Traffic,
    private readonly neighbours: Neighbours,
  ) {
    this.#delay.enable();
    subscribe("sluice:connection:opened", this.#opened);
    subscribe("sluice:connection:closed", this.#closed);
  }

  /** The last reading, or one of now if that is more than a second old. */
  latest(): VitalSigns {
    const last = this.#last;
    return last !== undefined && Date.now() - last.at < FRESH ? last : this.read();
  }

  /** What there is now. */
  read(): VitalSigns {
    const at = Date.now();
    const seconds = (at - (this.#last?.at ?? at)) / 1000;
    const { name } = this.neighbours;
    const published = this.traffic.published - this.#published;
    this.#published += published;
    this.#last = {
      at,
      delay: round(Math.max(0, this.#delay.max / 1e6 - RESOLUTION)),
      heap: process.memoryUsage().heapUsed,
      connections: this.#connections,
      rate: seconds > 0 ? round(published / seconds) : 0,
      ...(name !== undefined && { node: name }),
    };
    this.#delay.reset();
    return this.#last;
  }

  dispose(): void {
    this.#delay.disable();
    unsubscribe("sluice:connection:opened", this.#opened);
    unsubscribe("sluice:connection:closed", this.#closed);
  }

  readonly #opened = () => void this.#connections++;
  readonly #closed = () => void this.#connections--;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
