/** A Node stream that can be stopped. */
export interface DestroyableStream<T> extends AsyncIterable<T> {
  destroy(): unknown;
  on(event: "error", listener: () => void): unknown;
}

/** Whether a value is a readable stream of Node. */
export function isNodeStream<T>(value: AsyncIterable<T>): value is DestroyableStream<T> {
  return "pipe" in value && "destroy" in value && typeof value.destroy === "function";
}

/**
 * A Node stream as an iterator, and what stops it at once. The stream's own iterator is a generator:
 * its `return()` waits for the chunk that `next()` waits for, and destroying the stream makes that
 * `next()` throw.
 */
export function iterateNodeStream<T>(stream: DestroyableStream<T>): {
  readonly iterator: AsyncIterator<T, unknown>;
  readonly release: () => void;
} {
  const chunks = stream[Symbol.asyncIterator]();
  let released = false;
  return {
    iterator: {
      async next() {
        try {
          return await chunks.next();
        } catch (error) {
          if (released) return { done: true, value: undefined };
          throw error;
        }
      },
      async return() {
        await chunks.return?.();
        return { done: true, value: undefined };
      },
    },
    release() {
      released = true;
      // Nobody is left to hear how the stream takes it; unheard, an error would end the process.
      stream.on("error", () => undefined);
      stream.destroy();
    },
  };
}
