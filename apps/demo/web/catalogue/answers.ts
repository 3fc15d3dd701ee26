import type { Call } from "./example.js";

/** Reads from an answer how many connections an event reached, and says it. */
export function reached(key: string): Call["describe"] {
  return (answer, node) => {
    const count = answer[key];
    if (typeof count !== "number") return "Done.";
    // It knows of its own connections alone.
    const where = node === undefined ? "" : ` of node ${node}, which was asked`;
    if (count === 0) return `Reached nobody: no connection${where} is open.`;
    return `Reached ${count} ${count === 1 ? "connection" : "connections"}${where}.`;
  };
}
