import type { OpenLine } from "./line.js";
import { findSurroundings, resolveUrl } from "./shared/surroundings.js";
import { Tab } from "./shared/tab.js";

/** What tabs that understand each other have in common. A page of another version may be open beside this one. */
const VERSION = 1;

/** What {@link sharedTabs} takes beside the name. */
export interface SharedTabsOptions {
  /**
   * How many messages may wait in a tab, and how many ids it remembers. A tab that is slower fetches what it misses
   * on a connection of its own as soon as it has taken the rest.
   * @defaultValue 1024
   */
  readonly maxQueued?: number;
}

/**
 * Shares one connection between the tabs of a browser, for the option `share` of `connect`: the six connections that
 * HTTP/1.1 has for a host are soon used up otherwise. All clients of one origin that give the same name and follow the
 * same URL share one. Each gets what a connection of its own would have given it: a tab that joins, or that has missed
 * something, opens one until it is in step with the others. When the tab that has the connection closes, is frozen or
 * crashes, another goes on from the same event.
 *
 * Where there is no `BroadcastChannel` or no Web Locks (insecure contexts; Node before version 24), each client keeps a
 * connection of its own.
 *
 * @param name - who may share: the user has to be in it, for what one tab receives the others get too. So has all else
 * that the answer depends on beside the URL: headers, a body, cookies.
 * @throws TypeError without a name
 *
 * @example
 * const client = connect<Events>("/inbox", { share: sharedTabs(`inbox of ${user.id}`) });
 */
export function sharedTabs(
  name: string,
  { maxQueued = 1_024 }: SharedTabsOptions = {},
): (open: OpenLine, url: string) => OpenLine {
  if (typeof name !== "string" || name === "") {
    throw new TypeError(
      "sharedTabs needs a name with the user in it: what one tab receives, all tabs of that name get.",
    );
  }
  return (open, url) => {
    const surroundings = findSurroundings();
    if (surroundings === undefined) return open;
    const href = resolveUrl(url);
    const key = `sluice:${VERSION}:${JSON.stringify([name, href])}`;
    return (target) => new Tab({ key, url: href, open, maxQueued }, target, surroundings);
  };
}
