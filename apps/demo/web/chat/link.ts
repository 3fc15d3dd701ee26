import type { Reset } from "@sluice/react";
import type { LegStart } from "./answer.js";

/** Knows how the connection has begun that brings the events just now. */
export class Link implements LegStart {
  /** When it was opened, by the server's clock. */
  opened: number | undefined;
  /** What the server told when it could not resume. */
  reset: Reset["reason"] | undefined;

  /** Makes a `fetch` that reads it from the head of each answer, and so before the first event. */
  watch(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
    return async (input, init) => {
      const response = await fetch(input, init);
      const opened = response.headers.get("x-opened");
      this.opened = opened === null ? undefined : Number(opened);
      this.reset = undefined;
      return response;
    };
  }
}
