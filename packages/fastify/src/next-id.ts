let last = 0;

/** An id that diagnostics tell things of this process apart by. */
export function nextId(): number {
  return ++last;
}
