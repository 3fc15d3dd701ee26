import { RESET_EVENT } from "@sluice/protocol";
import { nextDelay } from "../backoff.js";
import { SseClientError } from "../errors.js";
import type { ClientState, Line, LineTarget, Message } from "../line.js";
import { Detour, type DetourOwner } from "./detour.js";
import { Follower, type FollowerOwner } from "./follower.js";
import { Inbox, type InboxOwner } from "./inbox.js";
import { type Member, Membership, type MembershipSettings } from "./membership.js";
import type { Here, Over, Told } from "./saying.js";
import type { Surroundings } from "./surroundings.js";

export interface TabSettings extends MembershipSettings {
  readonly url: string;
  /** How many messages may wait, and how many ids are remembered. */
  readonly maxQueued: number;
}

/** What a target is told of its connection. */
interface Standing {
  readonly state: ClientState;
  readonly error?: SseClientError | undefined;
  readonly retryAt?: number | undefined;
}

/** A time in which nothing is taken, because the target could not handle a message. */
interface Rest extends Standing {
  readonly stop: () => void;
}

/** One of the tabs that share a connection, as the line of its client. */
export class Tab implements Line, DetourOwner, FollowerOwner, InboxOwner, Member {
  readonly #settings: TabSettings;
  readonly #target: LineTarget;
  readonly #surroundings: Surroundings;
  readonly #inbox: Inbox;
  readonly #follower: Follower;
  readonly #membership: Membership;
  /** The tab's own connection, while it is not in step. */
  #detour: Detour | undefined;
  #rest: Rest | undefined;
  /** The last message was a reset: the state that belongs to it may follow under the same id. */
  #isAfterReset = false;
  #willAlign = false;
  #isClosed = false;
  #shown: Standing | undefined;

  constructor(settings: TabSettings, target: LineTarget, surroundings: Surroundings) {
    this.#settings = settings;
    this.#target = target;
    this.#surroundings = surroundings;
    this.#inbox = new Inbox(target, this);
    this.#follower = new Follower(this, target.lastEventId, settings.maxQueued);
    this.#membership = new Membership(settings, this, surroundings);
    // Nothing is told in the caller's turn.
    queueMicrotask(() => {
      if (this.#isClosed) return;
      this.#membership.join();
      this.#settle();
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#inbox.clear();
    this.#leave();
  }

  get canLead(): boolean {
    // Who is not in step takes what all are told only when there is room for it.
    return this.#rest === undefined && (this.#follower.isInStep || this.#inbox.size === 0);
  }

  get resumeFrom(): string {
    return this.#follower.resumeFrom;
  }

  get isFull(): boolean {
    return this.#follower.isInStep && this.#follower.backlog === 0 && !this.hasRoom;
  }

  hear(saying: Here | Told | Over): void {
    if (saying.says === "over") {
      if (this.#follower.hearOver(saying)) return this.#finish(saying.error);
    } else if (saying.says === "told") {
      if (this.#follower.hearTold(saying)) this.#membership.ask();
    } else this.#follower.hearHere(saying);
    this.#settle();
  }

  hearNobody(): void {
    this.#follower.leave();
    this.#settle();
  }

  get lastEventId(): string {
    return this.#follower.place.id;
  }

  changed(): void {
    // A new connection begins after the reset: nothing of it is to come.
    if (this.#detour?.state !== "open") this.#isAfterReset = false;
    this.#align();
  }

  took(message: Message, isFirst: boolean): void {
    this.#follower.takeOwn(message, isFirst);
    if (!this.hasRoom) this.#dropDetour();
    if (this.#willAlign) return;
    this.#willAlign = true;
    // When all that came together is taken.
    queueMicrotask(() => {
      this.#willAlign = false;
      this.#align();
    });
  }

  ended(error: SseClientError | undefined): void {
    this.#finish(error);
  }

  get hasRoom(): boolean {
    // What belongs to a reset is not parted from it.
    return !this.#isClosed && (this.#isAfterReset || this.#inbox.size < this.#settings.maxQueued);
  }

  get hasWaited(): boolean {
    return this.#detour?.hasWaited === true;
  }

  get isReady(): boolean {
    return this.#rest === undefined && !(this.#isAfterReset && this.#detour !== undefined);
  }

  take(message: Message): void {
    this.#isAfterReset = message.event === RESET_EVENT;
    this.#inbox.push(message);
  }

  handled(): void {
    if (this.#inbox.size === 0) this.#membership.unjam();
    this.#align();
  }

  refused(cause: unknown, failures: number): void {
    if (this.#isClosed) return;
    const error =
      cause instanceof SseClientError
        ? cause
        : new SseClientError("ERR_DISCONNECTED", `${this.#settings.url}: failed`, { cause });
    const delay = nextDelay({}, failures, undefined);
    const stop = this.#surroundings.after(delay, () => {
      this.#rest = undefined;
      this.#align();
    });
    this.#rest = { state: "waiting", error, retryAt: Date.now() + delay, stop };
    this.#isAfterReset = false;
    this.#follower.restart(this.#target.lastEventId);
    this.#membership.unjam();
    // All had come, and it had left.
    this.#membership.join();
    this.#settle();
  }

  #align(): void {
    this.#follower.align();
    this.#settle();
  }

  /** Does what the places of this tab and of the leader ask for. */
  #settle(): void {
    if (!this.#membership.isPresent) return this.#dropDetour();
    const { isInStep, leader } = this.#follower;
    const isOpen = leader?.state === "open";
    if (isInStep || this.#rest !== undefined || !(isOpen || this.#isAfterReset)) this.#dropDetour();
    else if (isOpen && this.#inbox.size === 0) {
      this.#detour ??= new Detour(this.#settings.open, this.#surroundings, this);
    }
    this.#membership.seek();
    this.#show(this.#rest ?? this.#detour ?? leader ?? { state: "connecting" });
  }

  #show({ state, error, retryAt }: Standing): void {
    const shown = this.#shown;
    // What the leader says again is the same, and is another object.
    const isSame = shown?.error?.message === error?.message && shown?.retryAt === retryAt;
    if (shown?.state === state && isSame) return;
    this.#shown = { state, error, retryAt };
    this.#target.change(state, error, retryAt);
  }

  /** All has come; the target is told when it has taken it. */
  #finish(error: SseClientError | undefined): void {
    this.#leave();
    this.#inbox.end(() => {
      this.close();
      this.#target.change("closed", error);
    });
  }

  /** Takes part no longer. */
  #leave(): void {
    this.#membership.quit();
    this.#rest?.stop();
    this.#rest = undefined;
  }

  #dropDetour(): void {
    this.#detour?.close();
    this.#detour = undefined;
  }
}
