import { Pulse } from "./pulse.js";

/** What is sent: about as long as what a ticker or a chat sends. */
export interface Tick {
  readonly n: number;
  readonly text: string;
}

export interface TickEvent {
  readonly event: "tick";
  readonly data: Tick;
}

const TEXT = "The costs of a delivery stay within their budgets.";

/** From here on numbers have the same length, so that every event has as many bytes. */
const FIRST = 100_000;

/** The event of a number. */
export function tick(n: number): TickEvent {
  return { event: "tick", data: { n: FIRST + n, text: TEXT } };
}

/** The generators of both sides. */
export class Sources {
  readonly pulse = new Pulse();

  /** So many events after each beat. */
  async *paced(burst: number): AsyncGenerator<TickEvent, void> {
    for (;;) {
      await this.pulse.next;
      for (let n = 0; n < burst; n++) yield tick(n);
    }
  }

  /** One at once, and then none: the next beat ends it. */
  async *first(): AsyncGenerator<TickEvent, void> {
    yield tick(0);
    await this.pulse.next;
  }
}
