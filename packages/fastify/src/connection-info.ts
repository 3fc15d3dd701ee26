import {
  type ClosableConnection,
  type CloseReason,
  type RouteInfo,
  SluiceError,
} from "@sluice/core";
import { Lifetime } from "./lifetime.js";
import { nextId } from "./next-id.js";

/** What can be ended. */
interface Endable {
  end(reason: CloseReason, farewell: string): void;
}

/** What asks the system for the client's address when it is wanted, which is not often, and not free. */
interface Addressed {
  readonly remoteAddress?: string | undefined;
}

const NO_DOUBTS: readonly (() => CloseReason | undefined)[] = [];
const NO_TAGS: ReadonlyMap<string, string> = new Map();

/** What the application sees of a connection, and can do with it. */
export class ConnectionInfo implements ClosableConnection {
  readonly id = nextId();
  readonly route: RouteInfo;
  principal: string | undefined;
  readonly #connection: Endable;
  #address: string | Addressed;
  readonly #since = Date.now();
  #tags: Map<string, string> | undefined;
  #doubts: readonly (() => CloseReason | undefined)[] = NO_DOUBTS;
  #isOpen = false;
  #isOver = false;
  #issuedAt: Date | undefined;
  /** Most connections have no clock to end them. */
  #lifetime: Lifetime | undefined;

  constructor(route: RouteInfo, address: string | Addressed, connection: Endable) {
    this.route = route;
    this.#address = address;
    this.#connection = connection;
  }

  get ip(): string {
    if (typeof this.#address !== "string") this.#address = this.#address.remoteAddress ?? "";
    return this.#address;
  }

  get lifetime(): Lifetime {
    if (this.#lifetime === undefined) {
      this.#lifetime = new Lifetime((reason) => this.end(reason, ""));
      if (this.#isOver) this.#lifetime.stop();
    }
    return this.#lifetime;
  }

  get since(): Date {
    return new Date(this.#since);
  }

  get tags(): ReadonlyMap<string, string> {
    return this.#tags ?? NO_TAGS;
  }

  get expiresAt(): Date | undefined {
    return this.#lifetime?.expiresAt;
  }

  set expiresAt(time: Date | undefined) {
    this.lifetime.expiresAt = time;
  }

  get issuedAt(): Date | undefined {
    return this.#issuedAt;
  }

  /** @throws SluiceError `ERR_OPTION` for an invalid date */
  set issuedAt(time: Date | undefined) {
    if (time !== undefined && !(time instanceof Date && !Number.isNaN(time.getTime()))) {
      throw new SluiceError(
        "ERR_OPTION",
        `connection.issuedAt must be a Date, or undefined where nobody knows, not ${String(time)}. A token's iat is in seconds: new Date(iat * 1000).`,
      );
    }
    this.#issuedAt = time;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  tag(key: string, value: string): void {
    (this.#tags ??= new Map()).set(key, value);
  }

  doubt(matches: () => boolean, reason: CloseReason): void {
    if (!this.#isOpen) this.#doubts = [...this.#doubts, () => (matches() ? reason : undefined)];
  }

  /** Opens, unless it has been ended meanwhile: the reason of that. */
  open(): CloseReason | undefined {
    this.#isOpen = true;
    const doubts = this.#doubts;
    this.#doubts = NO_DOUBTS;
    for (const isMeant of doubts) {
      const reason = isMeant();
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  end(reason: CloseReason, farewell: string): void {
    this.#connection.end(reason, farewell);
  }

  /** The connection is over: no clock ends it any more. */
  stop(): void {
    this.#isOver = true;
    this.#lifetime?.stop();
  }
}
