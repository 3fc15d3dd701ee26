import type { ClientSettings } from "./client.js";
import { SseClientError } from "./errors.js";

/**
 * Refuses what would fail much later, or never show.
 *
 * @throws SseClientError `ERR_OPTION`
 */
export function checkOptions(settings: ClientSettings): void {
  const { reconnect, silenceTimeout, maxBuffered, maxEventSize, parse, share } = settings;
  const policy = typeof reconnect === "object" ? reconnect : {};
  const numbers = { ...policy, silenceTimeout, maxBuffered, maxEventSize };
  for (const [name, value] of Object.entries(numbers)) {
    if (value === undefined || (value === false && name === "silenceTimeout")) continue;
    if (typeof value !== "number" || !(value >= 0)) throw refused(name, "a number", value);
  }
  if (silenceTimeout === 0) throw refused("silenceTimeout", "above 0", silenceTimeout);
  for (const [name, value] of Object.entries({ ...parse, share })) {
    if (value !== undefined && typeof value !== "function")
      throw refused(name, "a function", value);
  }
}

function refused(name: string, what: string, value: unknown): SseClientError {
  return new SseClientError("ERR_OPTION", `${name} has to be ${what}, not ${String(value)}`);
}
