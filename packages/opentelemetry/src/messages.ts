/** What every message about a connection has. */
export interface ConnectionMessage {
  /** Tells the connections of this process apart. */
  readonly id: number;
  /** The handler, as `Class.method`. */
  readonly route: string;
}

export interface Elapsed extends ConnectionMessage {
  /** In milliseconds. */
  readonly elapsed: number;
}

export interface Sent extends ConnectionMessage {
  readonly events: number;
  readonly bytes: number;
}

export interface Counted extends ConnectionMessage {
  readonly count: number;
}

export interface Closed extends ConnectionMessage {
  readonly reason: string;
  /** From the arrival of the request to the close, in milliseconds. */
  readonly duration: number;
  /** From the arrival of the request to the first event, in milliseconds; undefined without one. */
  readonly firstEvent: number | undefined;
  readonly events: number;
  readonly bytes: number;
  readonly dropped: number;
  readonly replayed: number;
  readonly resets: number;
}

export interface Refused {
  readonly route: string;
  readonly limit: string;
}

export interface Stuck {
  readonly route: string;
}

/** What every message about a run has that is recorded: its key may hold personal data. */
export interface RunMessage {
  /** Tells runs apart, also those of one key. */
  readonly id: string;
  /** The handler, as `Class.method`. */
  readonly route: string;
}

export interface RunEnded extends RunMessage {
  readonly state: string;
  /** From its start to its end, in milliseconds. */
  readonly duration: number;
  readonly events: number;
  readonly bytes: number;
}

/** The diagnostics channels that are listened to, and what is published on each. */
export interface Messages {
  readonly "sluice:connection:opened": ConnectionMessage;
  readonly "sluice:connection:first-event": Elapsed;
  readonly "sluice:connection:sent": Sent;
  readonly "sluice:connection:drained": Elapsed;
  readonly "sluice:connection:dropped": Counted;
  readonly "sluice:connection:replayed": Counted;
  readonly "sluice:connection:reset": Counted;
  readonly "sluice:connection:refused": Refused;
  readonly "sluice:connection:closed": Closed;
  readonly "sluice:producer:stuck": Stuck;
  readonly "sluice:run:started": RunMessage;
  readonly "sluice:run:ended": RunEnded;
}
