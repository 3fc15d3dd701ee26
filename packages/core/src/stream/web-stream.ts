/**
 * A web stream as an iterator whose `return()` cancels at once. The stream's own iterator makes it
 * wait for the chunk that `next()` waits for (Streams Standard, section 4.2.5).
 */
export function iterateWebStream<T>(stream: ReadableStream<T>): AsyncIterator<T, undefined> {
  const reader = stream.getReader();
  return {
    async next() {
      const { done, value } = await reader.read();
      return done ? { done: true, value: undefined } : { done: false, value };
    },
    async return() {
      await reader.cancel();
      return { done: true, value: undefined };
    },
  };
}
