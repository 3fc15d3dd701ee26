import type { OpenLine } from "./line.js";
import { findSurroundings } from "./shared/surroundings.js";
import { Tab } from "./shared/tab.js";
import { resolveUrl } from "./surroundings.js";

/** What tabs that understand each other have in common. A page of another version may be open beside this one. */
const VERSION = 1;

/** What {@link sharedTabs} takes beside the name. */
export interface SharedTabsOptions {
  /**
   * How many messages may wait in a tab, beside those in the client's loops, and how many ids it remembers. A tab that
   * is slower fetches what it misses on a connection of its own, when it has taken the rest.
   * @defaultValue 1024
   */
  readonly maxQueued?: number;
}

/**
 * Shares one connection between the tabs of a browser, for the option `share` of `connect`: the six connections that
 * HTTP/1.1 has for a host are soon used up otherwise. All clients of one origin that give the same name and follow the
 * same URL share one. Each gets what a connection of its own would have given it: a tab that joins, or that has missed
 * something, opens one until it is in step with the others, which takes the id of an event that both have. When the
 * tab that has the connection closes, is frozen or crashes, another goes on from the same event.
 *
 * A stream without ids can't be brought into step, nor resumed: a tab that joins it has a connection of its own for a
 * second, and then what the others get.
 *
 * Where there is no `BroadcastChannel` or no Web Locks (insecure contexts; Node before version 24), each client keeps a
 * connection of its own.
 *
 * @param name - who may share: the user has to be in it, for what one tab receives the others get too. So has all else
 * that the answer depends on beside the URL, such as headers. Requests with a body are not meant to be shared: they are
 * made again for each tab that joins or takes over.
 * @throws TypeError without a name; RangeError where `maxQueued` is less than 1
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
  if (!(maxQueued >= 1)) {
    throw new RangeError(`sharedTabs needs room for a message: maxQueued is ${maxQueued}.`);
  }
  return (open, url) => {
    const surroundings = findSurroundings();
    if (surroundings === undefined) return open;
    const href = resolveUrl(url);
    const key = `sluice:${VERSION}:${JSON.stringify([name, href])}`;
    return (target) => new Tab({ key, url: href, open, maxQueued }, target, surroundings);
  };
}
