import { setTimeout as sleep } from "node:timers/promises";
import { Controller, HttpError, Query, Signal, Sse } from "@sluice/core";

@Controller("errors")
export class ErrorsController {
  /** Caught by the handler: it becomes an event, and the stream ends in good order. */
  @Sse("caught")
  async *caught(@Signal() signal: AbortSignal) {
    try {
      yield* readings(signal);
    } catch (error) {
      yield { event: "failure", data: { error: (error as Error).message } };
    } finally {
      yield { event: "end", data: { status: "ended" } };
    }
  }

  /** Thrown before the first event: an ordinary HTTP answer, not a stream. */
  @Sse("before")
  *before(@Query("gauge") gauge: string = "broken") {
    if (gauge === "broken") throw new HttpError(409, "The gauge is being repaired.");
    yield { event: "reading", data: { level: 2.4 } };
  }

  /** Thrown later: the connection ends, nothing of the error leaks, the browser comes back. */
  @Sse("later", { retry: 2000 })
  async *later(@Signal() signal: AbortSignal) {
    yield* readings(signal);
  }

  /** A 4xx thrown later is final: the browser stops. */
  @Sse("final")
  async *final(@Signal() signal: AbortSignal) {
    yield { event: "reading", data: { level: 2.4 } };
    await sleep(500, undefined, { signal });
    throw new HttpError(410, "The gauge was taken away.");
  }
}

async function* readings(signal: AbortSignal) {
  for (const level of [2.4, 2.6, 2.9]) {
    yield { event: "reading", data: { level } };
    await sleep(500, undefined, { signal });
  }
  throw new Error("The gauge at weir 7 does not answer.");
}
