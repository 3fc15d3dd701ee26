import type { RouteInfo } from "../pipeline/context.js";

/** A connection to a stream, as guards, handlers and the application see it. */
export interface LiveConnection {
  /** Tells the connections of this process apart; diagnostics have it too. */
  readonly id: number;
  readonly route: RouteInfo;
  /** The client's address. Ask for it while the connection is open: the system forgets it with the socket. */
  readonly ip: string;
  /** When its request arrived. */
  readonly since: Date;
  /** Whom the plugin's option `principal` has named; undefined until the guards have let it in. */
  readonly principal: string | undefined;
  /** What {@link tag} has noted. */
  readonly tags: ReadonlyMap<string, string>;
  /**
   * When the permission to listen runs out, as a guard knows it from a token. The stream then ends
   * with the reason `expired`, and the client reconnects to guards that decide anew. A time that has
   * passed ends it at once; undefined is for never. An invalid date throws `ERR_OPTION`.
   */
  expiresAt: Date | undefined;
  /**
   * When the permission to listen was given, as a guard knows it from a token: `new Date(iat * 1000)`.
   * What `Connections.revoke` took back before that does not meet it; undefined, and every revocation
   * that selects it does. An invalid date throws `ERR_OPTION`.
   */
  issuedAt: Date | undefined;
  /** Notes something by which the connection can be found, such as its tenant. */
  tag(key: string, value: string): void;
}
