import { SluiceError } from "../errors.js";
import { show } from "../show.js";
import type { Broker } from "./broker.js";

const METHODS = ["publish", "follow", "read", "rewind", "close"] as const;

/** How many use a broker. */
const owners = new WeakMap<Broker, number>();

/**
 * Begins to use a broker, which others may use too.
 *
 * @throws SluiceError `ERR_OPTION` when it is none
 */
export function holdBroker(broker: Broker): Broker {
  const missing =
    typeof broker === "object" && broker !== null
      ? METHODS.find((method) => typeof broker[method] !== "function")
      : "everything";
  if (missing !== undefined) {
    throw new SluiceError(
      "ERR_OPTION",
      `channels: broker must be a broker, such as new MemoryBroker(), not ${show(broker)}: ${missing} is missing.`,
    );
  }
  owners.set(broker, (owners.get(broker) ?? 0) + 1);
  return broker;
}

/** Uses a broker no more; the last who does closes it. */
export async function releaseBroker(broker: Broker): Promise<void> {
  const left = owners.get(broker)! - 1;
  owners.set(broker, left);
  if (left === 0) await broker.close();
}
