/** A `fetch` whose answers are streams that a test writes. */
export interface ScriptedFetch {
  readonly fetch: typeof globalThis.fetch;
  /** What the latest request resumed from; null for nothing. */
  readonly lastEventId: string | null;
  /** Writes one chunk to the latest answer. */
  send(text: string): void;
}

export function scriptFetch(): ScriptedFetch {
  let lastEventId: string | null = null;
  let latest: ReadableStreamDefaultController<Uint8Array> | undefined;
  return {
    get lastEventId() {
      return lastEventId;
    },
    fetch: async (_url, init) => {
      lastEventId = new Headers(init?.headers).get("last-event-id");
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          latest = controller;
          init?.signal?.addEventListener("abort", () => controller.error(init.signal?.reason));
        },
      });
      return new Response(body, { headers: { "content-type": "text/event-stream" } });
    },
    send(text) {
      if (latest === undefined) throw new Error("Nobody has asked yet.");
      latest.enqueue(new TextEncoder().encode(text));
    },
  };
}

/** Events `n` of the numbers from one on, as a stream has them. */
export function numbers(from: number, count: number, hasIds = true): string {
  return Array.from({ length: count }, (_, i) => {
    const id = hasIds ? `id: ${from + i}\n` : "";
    return `event: n\n${id}data: ${from + i}\n\n`;
  }).join("");
}
