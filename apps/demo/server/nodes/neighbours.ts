import { Injectable } from "@sluice/core";

/** What the nodes tell each other of one matter. */
export interface Shared<T> {
  /** Tells it to all nodes, this one included. Resolves when it is stored. */
  tell(news: T): Promise<void>;
  /** Resolves when this node has heard what was told before; after a second at most. */
  caughtUp(): Promise<void>;
}

/** What another node says of itself. */
export interface Post {
  /** Of its process: a node that is started again has another one. */
  readonly id: string;
  readonly name: string;
  readonly leads: boolean;
  readonly value: unknown;
}

/** A node that lives, as far as this one knows. */
export interface LivingNode {
  readonly name: string;
  /** When its process started, in milliseconds. */
  readonly started: number;
}

/** Called with what was told, and the process that told it. */
export type Hear<T> = (news: T, from: string) => void;

/**
 * The other nodes of the demo. This one has none: there are some only where `REDIS_URL` is set. What
 * is told is then heard at once, by this node.
 */
@Injectable()
export class Neighbours {
  /** Of this node; undefined where it is alone. */
  readonly name: string | undefined = undefined;
  /** Of this process. */
  readonly id: string = "alone";

  /** Whether this node says what only one of them may say. */
  get leads(): boolean {
    return true;
  }

  /** All nodes that live, this one included; none where it is alone. */
  get living(): readonly LivingNode[] {
    return [];
  }

  /** Whether a process lives, as far as this node knows. */
  lives(id: string): boolean {
    return id === this.id;
  }

  /**
   * Shares a matter with the other nodes.
   *
   * @param past - how much of what was told before this node started is heard
   */
  share<T>(_matter: string, hear: Hear<T>, _past = 0): Shared<T> {
    return {
      tell: async (news) => Promise.resolve(hear(news, this.id)),
      caughtUp: async () => Promise.resolve(),
    };
  }

  /** Says something of this node, to whoever is there now and later, until it is gone. */
  post(_matter: string, _value: unknown): void {
    // Nobody is there.
  }

  /** What the others say. */
  posts(_matter: string): readonly Post[] {
    return [];
  }

  /** Calls when a node has said something new, has come, or is gone. */
  onChange(_listener: () => void): void {
    // Nothing changes.
  }

  /** Calls with the process of a node that has ended, or was killed. */
  onLost(_listener: (id: string) => void): void {
    // None is lost.
  }
}
