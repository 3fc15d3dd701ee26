import { setTimeout as sleep } from "node:timers/promises";
import { Controller, Signal, Sse } from "@sluice/core";

@Controller("events")
export class FiniteController {
  /** Returned means done: the browser is told to stay away, without any code of yours. */
  @Sse("finite", { retry: 1000 })
  async *finite(@Signal() signal: AbortSignal) {
    for (const [index, gate] of ["upper gate", "chamber", "lower gate"].entries()) {
      yield { event: "passed", id: String(index + 1), data: { gate } };
      await sleep(600, undefined, { signal });
    }
  }
}
