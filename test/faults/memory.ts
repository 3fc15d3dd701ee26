/** What the memory of the process does from now on. */
export interface MemoryWatch extends Disposable {
  /** The most that it was above its beginning, in bytes. */
  readonly peak: number;
}

export function watchMemory(): MemoryWatch {
  const before = process.memoryUsage.rss();
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss() - before);
  }, 100).unref();
  return {
    get peak() {
      return peak;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
