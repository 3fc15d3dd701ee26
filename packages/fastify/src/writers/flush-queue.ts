interface Flushable {
  flush(): void;
}

// One immediate for all writers of a turn, and two arrays in turns: no allocation per delivery.
let queue: Flushable[] = [];
let spare: Flushable[] = [];

/** Flushes a writer when the current turn of the event loop ends. */
export function scheduleFlush(writer: Flushable): void {
  if (queue.push(writer) === 1) setImmediate(flushAll);
}

function flushAll(): void {
  const due = queue;
  queue = spare;
  spare = due;
  for (const writer of due) writer.flush();
  due.length = 0;
}
