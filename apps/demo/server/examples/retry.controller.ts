import { Controller, Sse } from "@sluice/core";

@Controller("events")
export class RetryController {
  /** Ends after one event, and asks the browser to come back two seconds later. */
  @Sse("retry", { retry: 2000, onComplete: "reconnect" })
  *retry() {
    yield { event: "visit", data: { at: new Date().toISOString() } };
  }
}
