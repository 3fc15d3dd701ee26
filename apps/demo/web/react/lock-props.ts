import type { AnyEvent, FollowOptions, Watched } from "../channels/follow.js";

/** What the card around the lock gives to it. */
export interface LockProps {
  readonly url: string;
  readonly options: Pick<FollowOptions, "fetch" | "headers" | "lastEventId" | "onReset"> & {
    readonly enabled: boolean;
    readonly onEvent: (event: AnyEvent) => void;
  };
  /** Whether the visitor wants to share the connection between tabs. */
  readonly isShared: boolean;
  /** Is told of the stream after each rendering. Keep it the same. */
  readonly onChange: (
    stream: Omit<Watched, "state"> & { readonly state: Watched["state"] | "idle" },
  ) => void;
}
