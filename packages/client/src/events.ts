import type { EventMap } from "@sluice/protocol";

/** The event of one name, as a client gets it. */
export interface ReceivedEventOf<M extends EventMap, N extends keyof M & string> {
  /** Its name; `message` where the server gave none. */
  readonly event: N;
  /** Its data, read as the option `parse` says. */
  readonly data: M[N];
  /** Its own id. */
  readonly id: string | undefined;
}

/** Any event of a stream: its name tells which, and what its data is. */
export type ReceivedEvent<M extends EventMap = EventMap> = {
  [N in keyof M & string]: ReceivedEventOf<M, N>;
}[keyof M & string];

/** The names of a map whose data is a string and nothing else. */
export type TextEvents<M extends EventMap> = string extends keyof M
  ? never
  : {
      [N in keyof M & string]: [M[N]] extends [never] ? never : M[N] extends string ? N : never;
    }[keyof M & string];
