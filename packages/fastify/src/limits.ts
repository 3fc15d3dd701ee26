import type { RunLimitName } from "@sluice/core";
import { connectionRefused } from "./diagnostics.js";
import { ipKey } from "./ip-key.js";
import { RefusedError } from "./refusal.js";

/** How many connections there may be at once; more are refused. */
export interface LimitOptions {
  /** For an IPv4 address, or a /64 of IPv6. @defaultValue no limit */
  readonly perIp?: number;
  /** For whom the option `principal` names. @defaultValue no limit */
  readonly perPrincipal?: number;
  /** In all. @defaultValue no limit */
  readonly total?: number;
}

/** Which limit on connections was reached. */
export type LimitName = "ip" | "principal" | "route" | "total";

/** Which limit was reached. */
export type AnyLimitName = LimitName | RunLimitName;

/** What a connection is counted under. */
export interface Counted {
  readonly route: { readonly name: string };
  readonly ip: string;
  readonly principal: string | undefined;
}

/** A request that is refused because there are too many connections. */
export class LimitError extends RefusedError {
  readonly limit: LimitName;

  constructor(limit: LimitName) {
    const isOwn = limit === "ip" || limit === "principal";
    const status = isOwn ? 429 : 503;
    const message = isOwn
      ? "Too many connections from here."
      : "Too many connections; try again later.";
    super(status, message, "ERR_LIMIT");
    this.limit = limit;
  }
}

/** Counts the connections of one plugin registration, and refuses those that are too many. */
export class Limits {
  readonly #options: LimitOptions;
  readonly #ips = new Tally();
  readonly #principals = new Tally();
  readonly #routes = new Tally();
  #total = 0;

  constructor(options: LimitOptions) {
    this.#options = options;
  }

  /** Whether there may be any number, but for a route's own limit. */
  get isUnlimited(): boolean {
    const { perIp, perPrincipal, total } = this.#options;
    return perIp === undefined && perPrincipal === undefined && total === undefined;
  }

  /**
   * Counts a connection, before anything is known of whom it is for.
   *
   * @param most - how many connections its route may have
   * @throws LimitError; it is not counted then
   */
  enter({ route, ip }: Counted, most: number | undefined): void {
    const { perIp, total } = this.#options;
    const { name } = route;
    const client = perIp === undefined ? "" : ipKey(ip);
    if (this.#total >= (total ?? Infinity)) throw refused("total", name);
    if (most !== undefined && this.#routes.get(name) >= most) throw refused("route", name);
    if (perIp !== undefined && this.#ips.get(client) >= perIp) throw refused("ip", name);
    this.#total++;
    if (most !== undefined) this.#routes.add(name, 1);
    if (perIp !== undefined) this.#ips.add(client, 1);
  }

  /**
   * Counts a connection that has been let in for whom it is for.
   *
   * @throws LimitError; it is not counted then
   */
  enterPrincipal({ route, principal }: Counted): void {
    const { perPrincipal } = this.#options;
    if (perPrincipal === undefined || principal === undefined) return;
    if (this.#principals.get(principal) >= perPrincipal) throw refused("principal", route.name);
    this.#principals.add(principal, 1);
  }

  /**
   * Takes a connection out that {@link enter} has counted.
   *
   * @param most - what `enter` was given
   * @param hasPrincipal - `enterPrincipal` has counted it too
   */
  leave({ route, ip, principal }: Counted, most: number | undefined, hasPrincipal: boolean): void {
    const { perIp, perPrincipal } = this.#options;
    this.#total--;
    if (most !== undefined) this.#routes.add(route.name, -1);
    if (perIp !== undefined) this.#ips.add(ipKey(ip), -1);
    if (perPrincipal !== undefined && hasPrincipal && principal !== undefined)
      this.#principals.add(principal, -1);
  }
}

function refused(limit: LimitName, route: string): LimitError {
  if (connectionRefused.hasSubscribers) connectionRefused.publish({ route, limit });
  return new LimitError(limit);
}

/** Counts by key; a key that nobody has is not kept. */
class Tally {
  readonly #counts = new Map<string, number>();

  get(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  add(key: string, change: 1 | -1): void {
    const count = this.get(key) + change;
    if (count === 0) this.#counts.delete(key);
    else this.#counts.set(key, count);
  }
}
