// What is typed: single keys at a terminal, and lines where there is none.

/**
 * Calls with each key. Ctrl-C and Ctrl-D are "q". Nobody need be there: then signals are what is left.
 *
 * @param {(key: string) => void} onKey
 */
export function readKeys(onKey) {
  const { stdin } = process;
  if (stdin.isTTY) stdin.setRawMode(true);
  stdin.on("data", (chunk) => {
    for (const key of String(chunk)) {
      if (key === "\u0003" || key === "\u0004") onKey("q");
      else if (key.trim() !== "") onKey(key);
    }
  });
}

/** Gives the terminal back. */
export function stopReading() {
  const { stdin } = process;
  stdin.removeAllListeners("data");
  if (stdin.isTTY) stdin.setRawMode(false);
  stdin.pause();
}
