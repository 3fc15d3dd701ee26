/** Reads what this browser keeps under a name; undefined where there is nothing that can be read. */
export function load(name: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(name) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keeps something for all tabs of this browser, and for the next visit. */
export function store(name: string, value: unknown): void {
  try {
    localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // Storage can be forbidden, or full; then it lasts as long as the page.
  }
}
