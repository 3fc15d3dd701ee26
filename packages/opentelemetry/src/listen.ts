import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { attempting } from "./attempting.js";
import type { Messages } from "./messages.js";

/** A listener for each channel that is of interest. */
export type Listeners = { readonly [Name in keyof Messages]?: (message: Messages[Name]) => void };

/**
 * Listens to diagnostics channels. What a listener throws goes to OpenTelemetry's own log.
 *
 * @returns what ends it
 */
export function listen(listeners: Listeners): () => void {
  const subscribed = Object.entries(listeners).map(([name, listener]) => {
    return { name, guarded: attempting(listener as (message: unknown) => void) };
  });
  for (const { name, guarded } of subscribed) subscribe(name, guarded);
  return () => {
    for (const { name, guarded } of subscribed) unsubscribe(name, guarded);
  };
}
