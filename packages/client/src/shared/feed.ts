import type { SseClientError } from "../errors.js";
import type { ClientState, Line, LineTarget, Message, OpenLine } from "../line.js";
import { placeAfter, placeOf } from "./place.js";
import type { Here, Over, Told } from "./saying.js";

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
  readonly #line: Line;
  /** What has come together is told together: a state in the same breath as the reset that it belongs to. */
  readonly #untold: Message[] = [];
  /** Where it is, as far as it has told. */
  #told;
  /** Where it is. */
  #place;
  #count = 0;
  #standing: Pick<Here, "state" | "error" | "retryAt"> = { state: "connecting" };
  #jam: Promise<void> | undefined;
  #isClosed = false;

  /** @param id - where to resume from */
  constructor(open: OpenLine, id: string, owner: FeedOwner) {
    this.#owner = owner;
    this.#told = this.#place = placeOf(id);
    this.#line = open(this);
  }

  get lastEventId(): string {
    return this.#place.id;
  }

  /** Says where it is. */
  tell(): void {
    this.#flush();
    if (this.#isClosed) return;
    const { term } = this;
    const place = this.#place;
    this.#owner.say({ says: "here", term, count: this.#count, place, ...this.#standing });
  }

  change(state: ClientState, error?: SseClientError, retryAt?: number): void {
    this.#flush();
    if (this.#isClosed) return;
    if (state === "closed") {
      this.#isClosed = true;
      this.#owner.say({ says: "over", term: this.term, count: this.#count, error });
      return;
    }
    if (state === "connecting") this.#told = this.#place = placeOf(this.#place.id);
    this.#standing = { state, error, retryAt };
    this.tell();
  }

  take(message: Message): void | Promise<void> {
    if (this.#jam === undefined) this.#add(message);
    else return this.#jam.then(() => this.#add(message));
  }

  close(): void {
    this.#isClosed = true;
    this.#line.close();
  }

  #add(message: Message): void {
    this.#jam = undefined;
    this.#place = placeAfter(this.#place, message);
    if (this.#untold.push(message) === 1) queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    if (this.#isClosed || this.#untold.length === 0) return;
    const count = this.#count;
    const messages = this.#untold.splice(0);
    const prev = this.#told;
    this.#count += messages.length;
    this.#told = this.#place;
    this.#owner.say({ says: "told", term: this.term, count, prev, messages });
    this.#jam = this.#owner.jam();
  }
}
