/** Reads from an answer how many connections an event reached, and says it. */
export function reached(key: string): (answer: Readonly<Record<string, unknown>>) => string {
  return (answer) => {
    const count = answer[key];
    if (typeof count !== "number") return "Done.";
    if (count === 0) return "Reached nobody: no connection is open.";
    return `Reached ${count} ${count === 1 ? "connection" : "connections"}.`;
  };
}
