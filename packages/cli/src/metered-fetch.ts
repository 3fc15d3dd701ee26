import type { Statistics } from "./statistics.js";

/** What the last answer was. */
export interface Answer {
  readonly status: number;
  readonly type: string | undefined;
  /** Whether its body has come to its end, and was not cut. */
  isWhole: boolean;
}

/** A `fetch` that counts what it brings. */
export interface MeteredFetch {
  readonly fetch: typeof globalThis.fetch;
  readonly answer: Answer | undefined;
}

/**
 * @param onBytes - is given each piece of a stream; where it returns a promise, no more is read until that resolves
 */
export function meterFetch(
  statistics: Statistics,
  onBytes?: (chunk: Uint8Array) => Promise<void>,
): MeteredFetch {
  let last: Answer | undefined;
  return {
    get answer() {
      return last;
    },
    async fetch(input, init) {
      statistics.requested();
      last = undefined;
      const response = await fetch(input, init);
      const { status, statusText, headers } = response;
      const answer = { status, type: headers.get("content-type") ?? undefined, isWhole: false };
      last = answer;
      if (!response.ok || response.body === null) return response;
      const body = response.body.pipeThrough(
        new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
          async transform(chunk, controller) {
            statistics.received(chunk.length);
            await onBytes?.(chunk);
            controller.enqueue(chunk);
          },
          flush() {
            answer.isWhole = true;
          },
        }),
      );
      return new Response(body, { status, statusText, headers });
    },
  };
}
