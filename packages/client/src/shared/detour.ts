import type { SseClientError } from "../errors.js";
import type { ClientState, Line, LineTarget, Message, OpenLine } from "../line.js";
import type { Surroundings } from "./surroundings.js";

/** How long the first id may take where the leader has had none either, in milliseconds. */
const FIRST_ID_WITHIN = 1_000;

/** Whom a detour belongs to. */
export interface DetourOwner {
  readonly lastEventId: string;
  /** The connection has another state, or it has waited. */
  changed(): void;
  /**
   * A message has come.
   *
   * @param isFirst - whether it is the first of a connection
   */
  took(message: Message, isFirst: boolean): void;
  /** The stream is complete or, with an error, given up. */
  ended(error: SseClientError | undefined): void;
}

/** A connection of a tab's own, until it is in step with the leader. */
export class Detour implements LineTarget {
  state: ClientState = "connecting";
  error: SseClientError | undefined;
  retryAt: number | undefined;
  /** Whether an id would be here by now. */
  hasWaited = false;
  readonly #owner: DetourOwner;
  readonly #surroundings: Surroundings;
  readonly #line: Line;
  #stopWaiting: () => void = () => {};
  #isFirst = true;
  #isClosed = false;

  constructor(open: OpenLine, surroundings: Surroundings, owner: DetourOwner) {
    this.#owner = owner;
    this.#surroundings = surroundings;
    this.#line = open(this);
  }

  get lastEventId(): string {
    return this.#owner.lastEventId;
  }

  change(state: ClientState, error?: SseClientError, retryAt?: number): void {
    if (this.#isClosed) return;
    if (state === "closed") return this.#owner.ended(error);
    this.state = state;
    this.error = error;
    this.retryAt = retryAt;
    this.#stopWaiting();
    if (state === "connecting") this.#isFirst = true;
    else if (state === "open") {
      this.#stopWaiting = this.#surroundings.after(FIRST_ID_WITHIN, () => {
        this.hasWaited = true;
        this.#owner.changed();
      });
    }
    this.#owner.changed();
  }

  take(message: Message): void {
    // A line may still have messages that came together with the one at which it was closed.
    if (this.#isClosed) return;
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    this.#owner.took(message, isFirst);
  }

  close(): void {
    this.#isClosed = true;
    this.#stopWaiting();
    this.#line.close();
  }
}
