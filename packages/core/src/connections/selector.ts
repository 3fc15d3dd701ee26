import { SluiceError } from "../errors.js";
import { show } from "../show.js";
import type { LiveConnection } from "./live-connection.js";

/** Which connections are meant: those that all of it is true of. It is data, so that it can be told to other nodes. */
export interface ConnectionSelector {
  /** Whom the plugin's option `principal` has named. */
  readonly principal?: string;
  /** What guards and handlers have noted with `connection.tag()`. */
  readonly tags?: Readonly<Record<string, string>>;
  /** The handler, as in `"RoomsController.join"`. */
  readonly route?: string;
}

const KNOWN: readonly string[] = [
  "principal",
  "tags",
  "route",
] satisfies (keyof ConnectionSelector)[];

/** How long a selector may be as JSON, in characters: many of them are kept, by every node. */
const MAX_LENGTH = 4_096;

/**
 * Checks a selector, and copies it. What is there and undefined is refused: it would widen the selection
 * to others than those who were meant.
 *
 * @throws SluiceError `ERR_OPTION`
 */
export function readSelector(selector: ConnectionSelector): ConnectionSelector {
  if (!isObject(selector)) {
    throw invalid(`takes an object, such as { principal: "ann" }, not ${show(selector)}`);
  }
  for (const [name, value] of Object.entries(selector)) {
    if (!KNOWN.includes(name)) {
      throw invalid(`can't select by ${show(name)}; it takes ${KNOWN.join(", ")}`);
    }
    if (name !== "tags") requireText(name, value);
    else if (!isObject(value)) throw invalid(`takes an object for tags, not ${show(value)}`);
  }
  const { tags, ...rest } = selector;
  for (const [key, value] of Object.entries(tags ?? {})) requireText(`tags.${key}`, value);
  const isTagged = tags !== undefined && Object.keys(tags).length > 0;
  const copy = isTagged ? { ...rest, tags: { ...tags } } : rest;
  if (Object.keys(copy).length === 0) {
    throw invalid("needs a principal, a tag or a route: an empty selector would meet everyone");
  }
  if (JSON.stringify(copy).length > MAX_LENGTH) {
    throw invalid(`takes a selector of at most ${MAX_LENGTH} characters as JSON`);
  }
  return copy;
}

/** Whether a connection is one of those that are meant. */
export function selects(
  { principal, tags, route }: ConnectionSelector,
  connection: LiveConnection,
): boolean {
  if (principal !== undefined && connection.principal !== principal) return false;
  if (route !== undefined && connection.route.name !== route) return false;
  for (const key in tags) if (connection.tags.get(key) !== tags[key]) return false;
  return true;
}

/** The rarest thing that a selector asks for, as a key under which it is found. */
export function selectorKey({ principal, tags, route }: ConnectionSelector): string {
  if (principal !== undefined) return principalKey(principal);
  for (const key in tags) return tagKey(key, tags[key]!);
  return routeKey(route!);
}

/** The keys of all selectors that may mean a connection. */
export function* connectionKeys({ principal, tags, route }: LiveConnection): Generator<string> {
  if (principal !== undefined) yield principalKey(principal);
  for (const [key, value] of tags) yield tagKey(key, value);
  yield routeKey(route.name);
}

const principalKey = (principal: string): string => `p${principal}`;
const tagKey = (key: string, value: string): string => `t${key.length}:${key}${value}`;
const routeKey = (route: string): string => `r${route}`;

function requireText(name: string, value: unknown): void {
  if (typeof value === "string" && value !== "") return;
  throw invalid(
    `takes a text that is not empty for ${name}, not ${show(value)}; leave out what any value will do for`,
  );
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(what: string): SluiceError {
  return new SluiceError("ERR_OPTION", `connections.revoke ${what}.`);
}
