/** What gathers in a turn of the event loop and leaves at its end. */
export interface Flushable {
  flush(): void;
}

// One immediate for everything of a turn, and two arrays in turns: no allocation per flush.
let queue: Flushable[] = [];
let spare: Flushable[] = [];

/** Flushes something when the current turn of the event loop ends. */
export function scheduleFlush(flushable: Flushable): void {
  if (queue.push(flushable) === 1) setImmediate(flushAll);
}

function flushAll(): void {
  const due = queue;
  queue = spare;
  spare = due;
  for (const flushable of due) flushable.flush();
  due.length = 0;
}
