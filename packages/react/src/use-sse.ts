"use client";

import type { EventMap } from "@sluice/client";
import { useInsertionEffect, useState, useSyncExternalStore } from "react";
import { identify, type SseUrl } from "./identity.js";
import type { ReducedSseOptions, UseSseOptions } from "./options.js";
import type { UseSseResult } from "./result.js";
import { type Snapshot, type StoreOptions, StreamStore } from "./stream-store.js";

/**
 * Follows a stream of server-sent events for as long as the component is mounted. Another URL, method, body or `key` is
 * another stream, which begins with nothing of the old one; no other change reconnects.
 *
 * @typeParam M - the stream's events: `EventsOf<Controller["method"]>`
 * @param url - null or undefined for none at present
 * @throws the error that ends the stream, with the option `throwOnError`
 */
export function useSse<M extends EventMap = EventMap>(
  url: SseUrl,
  ...[options]: {} extends UseSseOptions<M> ? [UseSseOptions<M>?] : [UseSseOptions<M>]
): UseSseResult<M>;
/**
 * Makes the data of all events.
 *
 * @typeParam S - what they are made into
 */
export function useSse<M extends EventMap, S>(
  url: SseUrl,
  options: ReducedSseOptions<M, S>,
): UseSseResult<M, S>;
export function useSse(url: SseUrl, options: StoreOptions = {}): Snapshot {
  const identity = identify(url, options);
  const [held, hold] = useState(() => new StreamStore(identity, String(url), options));
  let store = held;
  if (store.identity !== identity) {
    store = new StreamStore(identity, String(url), options);
    hold(store);
  }
  useInsertionEffect(() => store.renew(options));

  const isOn = url != null && options.enabled !== false;
  const snapshot = useSyncExternalStore(
    isOn ? store.follow : store.listen,
    store.read,
    store.readInitial,
  );
  const { error, state } = snapshot;
  if (state === "closed") {
    if (error !== undefined && options.throwOnError === true) throw error;
    return snapshot;
  }
  return isOn ? snapshot : { ...snapshot, state: "idle", error: undefined, retryAt: undefined };
}
