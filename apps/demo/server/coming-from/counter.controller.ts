import { setTimeout as sleep } from "node:timers/promises";
import { Controller, Signal, Sse } from "@sluice/core";

/** The counter of the plain JavaScript snippet, for a page from another origin. */
@Controller("counter")
export class CounterController {
  @Sse("events")
  async *events(@Signal() signal: AbortSignal) {
    for (let counter = 0; ; counter++) {
      await sleep(1000, undefined, { signal });
      yield counter;
    }
  }
}
