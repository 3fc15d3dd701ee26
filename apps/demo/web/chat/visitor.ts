import { load, store } from "./stored.js";

const STORED = "sluice-visitor";

/** The id of who uses this browser: the demo has no accounts, and answers are their asker's own. */
export function visitorId(): string {
  const known = load(STORED);
  if (typeof known === "string") return known;
  const made = crypto.randomUUID();
  store(STORED, made);
  return made;
}
