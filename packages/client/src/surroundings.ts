// Node and workers have fewer of a page's globals, or none.
export const scope: Partial<typeof globalThis> = globalThis;

/** Calls a function when the network comes or goes, or the page is hidden or seen again, until the signal is aborted. */
export function listenToSurroundings(onChange: () => void, signal: AbortSignal): void {
  const options = { signal };
  scope.addEventListener?.("online", onChange, options);
  scope.addEventListener?.("offline", onChange, options);
  scope.document?.addEventListener("visibilitychange", onChange, options);
}

export function isHidden(): boolean {
  return scope.document?.hidden === true;
}

export function isOffline(): boolean {
  return scope.navigator?.onLine === false;
}

/**
 * Makes a URL absolute, as `fetch` would.
 *
 * @throws TypeError for what is none
 */
export function resolveUrl(url: string): string {
  return new URL(url, scope.document?.baseURI ?? scope.location?.href).href;
}
