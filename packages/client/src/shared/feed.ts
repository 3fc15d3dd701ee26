import { RESET_EVENT } from "@sluice/protocol";
import type { SseClientError } from "../errors.js";
import type { ClientState, Line, LineTarget, Message, OpenLine } from "../line.js";
import { placeAfter, placeOf } from "./place.js";
import type { Here, Over, Told } from "./saying.js";
import type { Surroundings } from "./surroundings.js";

/** How long a reset waits for the state that may belong to it, in milliseconds. */
const STATE_WITHIN = 1_000;

/** Whom a feed belongs to. */
export interface FeedOwner {
  /** What all tabs are to hear. */
  say(saying: Here | Told | Over): void;
  /** What the connection waits for before it reads on. */
  jam(): Promise<void> | undefined;
}

/** The leader's connection, for all tabs. Where it is has nothing to do with where the leader's own target is. */
export class Feed implements LineTarget {
  /** The tab's time as the leader. */
  readonly term = crypto.randomUUID();
  readonly #owner: FeedOwner;
  readonly #surroundings: Surroundings;
  readonly #line: Line;
  /** What came together is told together; a reset waits for its state. */
  #untold: Message[] = [];
  /** Where it is, as far as it has told. */
  #told;
  /** Where it is. */
  #place;
  #count = 0;
  #standing: Pick<Here, "state" | "error" | "retryAt"> = { state: "connecting" };
  #jam: Promise<void> | undefined;
  #stopWaiting: () => void = () => {};
  #isClosed = false;

  /** @param id - where to resume from */
  constructor(open: OpenLine, id: string, owner: FeedOwner, surroundings: Surroundings) {
    this.#owner = owner;
    this.#surroundings = surroundings;
    this.#told = this.#place = placeOf(id);
    this.#line = open(this);
  }

  get lastEventId(): string {
    return this.#place.id;
  }

  /** Says where it is. */
  tell(): void {
    const { term } = this;
    const place = this.#told;
    this.#owner.say({ says: "here", term, count: this.#count, place, ...this.#standing });
  }

  change(state: ClientState, error?: SseClientError, retryAt?: number): void {
    this.#flush(state === "closed");
    if (this.#isClosed) return;
    if (state === "closed") {
      this.#isClosed = true;
      this.#owner.say({ says: "over", term: this.term, count: this.#count, error });
      return;
    }
    if (state !== "open") {
      // A reset that was parted from its state is asked for again.
      this.#stopWaiting();
      this.#untold = [];
      this.#place = this.#told = placeOf(this.#told.id);
    }
    this.#standing = { state, error, retryAt };
    this.tell();
  }

  take(message: Message): void | Promise<void> {
    if (this.#jam === undefined) this.#add(message);
    else return this.#jam.then(() => this.#add(message));
  }

  close(): void {
    this.#isClosed = true;
    this.#stopWaiting();
    this.#line.close();
  }

  #add(message: Message): void {
    this.#jam = undefined;
    this.#place = placeAfter(this.#place, message);
    this.#untold.push(message);
    queueMicrotask(() => this.#flush(false));
  }

  /** @param isDone - whether nothing can follow that belongs to the last message */
  #flush(isDone: boolean): void {
    if (this.#isClosed || this.#untold.length === 0) return;
    this.#stopWaiting();
    const messages = this.#untold;
    const endsInReset = messages.at(-1)!.event === RESET_EVENT;
    this.#untold = endsInReset && !isDone ? messages.splice(-1) : [];
    if (this.#untold.length > 0) {
      this.#stopWaiting = this.#surroundings.after(STATE_WITHIN, () => this.#flush(true));
    }
    if (messages.length === 0) return;
    const count = this.#count;
    const prev = this.#told;
    this.#count += messages.length;
    for (const message of messages) this.#told = placeAfter(this.#told, message);
    this.#owner.say({ says: "told", term: this.term, count, prev, messages });
    this.#jam = this.#owner.jam();
  }
}
