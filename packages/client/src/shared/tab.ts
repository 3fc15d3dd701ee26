import { RESET_EVENT } from "@sluice/protocol";
import { nextDelay } from "../backoff.js";
import { SseClientError } from "../errors.js";
import type { ClientState, Line, LineTarget, Message, OpenLine } from "../line.js";
import { Detour, type DetourOwner } from "./detour.js";
import { Feed, type FeedOwner } from "./feed.js";
import { Follower, type FollowerOwner } from "./follower.js";
import { Inbox, type InboxOwner } from "./inbox.js";
import { type Candidate, Leadership } from "./leadership.js";
import { type Impatient, Patience } from "./patience.js";
import { type Here, type Over, readSaying, type Saying, type Told, writeSaying } from "./saying.js";
import type { Channel, PageLife, Surroundings } from "./surroundings.js";

/** What tabs need to share a connection. */
export interface TabSettings {
  /** What they have in common: the name of their channel and of their lock. */
  readonly key: string;
  readonly url: string;
  /** Opens a connection. */
  readonly open: OpenLine;
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

/** A channel to nobody. */
const NOWHERE: Channel = { post() {}, close() {} };

/** One of the tabs that share a connection, as the line of its client. */
export class Tab
  implements
    Line,
    Candidate,
    DetourOwner,
    FeedOwner,
    FollowerOwner,
    Impatient,
    InboxOwner,
    PageLife
{
  readonly #settings: TabSettings;
  readonly #target: LineTarget;
  readonly #surroundings: Surroundings;
  readonly #inbox: Inbox;
  readonly #follower: Follower;
  readonly #leadership: Leadership;
  readonly #patience: Patience;
  /** There while the tab takes part. */
  #channel: Channel | undefined;
  /** The connection for all, while this tab leads. */
  #feed: Feed | undefined;
  /** The tab's own connection, while it is not in step. */
  #detour: Detour | undefined;
  #rest: Rest | undefined;
  /** The lock is to be sought as soon as that makes sense. */
  #mustSeek = false;
  /** The page is hidden, and its connection pauses meanwhile: another tab may lead. */
  #isAside = false;
  /** The last message was a reset: the state that belongs to it may follow under the same id. */
  #isAfterReset = false;
  #willAlign = false;
  /** All has come; only the inbox is not empty yet. */
  #isFinishing = false;
  #isClosed = false;
  #shown: Standing | undefined;
  /** Lets the feed go on, which waits for this tab. */
  #unjam: () => void = () => {};
  #unwatch: () => void = () => {};

  constructor(settings: TabSettings, target: LineTarget, surroundings: Surroundings) {
    this.#settings = settings;
    this.#target = target;
    this.#surroundings = surroundings;
    this.#inbox = new Inbox(target, this);
    this.#follower = new Follower(this, target.lastEventId, settings.maxQueued);
    this.#leadership = new Leadership(surroundings.locks, settings.key, this);
    this.#patience = new Patience(surroundings, this);
    // Nothing is told in the caller's turn.
    queueMicrotask(() => {
      if (this.#isClosed) return;
      this.#unwatch = surroundings.watchPage(this);
      this.entered();
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#unwatch();
    this.#inbox.clear();
    this.left();
  }

  // The page

  /** Takes part. */
  entered(): void {
    if (this.#isClosed || this.#isFinishing || this.#channel !== undefined) return;
    this.#channel = this.#surroundings.openChannel(this.#settings.key, (data) => {
      const saying = readSaying(data);
      if (saying !== undefined) this.#hear(saying);
    });
    this.#isAside = false;
    this.#listen();
  }

  /** Takes part no longer, and holds nothing of the browser's. */
  left(): void {
    this.#channel?.close();
    this.#channel = undefined;
    this.#leadership.quit();
    this.#dropFeed();
    this.#dropDetour();
    this.#follower.leave();
    this.#rest?.stop();
    this.#rest = undefined;
    this.#patience.stop();
  }

  seen(): void {
    if (!this.#isAside) return;
    this.#isAside = false;
    this.#listen();
  }

  // Who leads

  won(): void {
    // Who can't take anything now is no good leader, unless it is in step.
    if (this.#rest !== undefined || (!this.#follower.isInStep && this.#inbox.size > 0)) {
      this.#leadership.quit();
      this.#mustSeek = true;
      return;
    }
    this.#patience.stop();
    this.#feed = new Feed(this.#settings.open, this.#follower.resumeFrom, this);
    this.#feed.tell();
  }

  lost(): void {
    this.#dropFeed();
    this.#follower.forget();
    this.#listen();
  }

  failed(): void {
    this.#channel?.close();
    this.#channel = NOWHERE;
    this.won();
  }

  ask(): void {
    this.#post({ says: "who" });
  }

  replace(): void {
    this.#leadership.seek(true);
  }

  // The connection for all

  say(saying: Here | Told | Over): void {
    this.#post(saying);
    this.#hear(saying);
  }

  /** The feed waits for this tab's target as long as no other tab is there. */
  jam(): Promise<void> | undefined {
    const { backlog, isInStep } = this.#follower;
    if (!isInStep || backlog > 0 || this.hasRoom) return undefined;
    const { key } = this.#settings;
    const gate = new Promise<void>((go) => (this.#unjam = go));
    void this.#surroundings.locks.query().then(
      ({ pending = [] }) => pending.some(({ name }) => name === key) && this.#unjam(),
      () => this.#unjam(),
    );
    return gate;
  }

  // The connection of this tab's own

  get lastEventId(): string {
    return this.#follower.place.id;
  }

  changed(): void {
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

  // What is taken

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
    if (this.#inbox.size === 0) this.#unjam();
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
    this.#unjam();
    this.#isFinishing = false;
    this.entered();
    this.#settle();
  }

  #hear(saying: Saying): void {
    if (saying.says === "who") {
      this.#unjam();
      this.#feed?.tell();
      return;
    }
    // Who leads is told by the lock, and by nobody else.
    if (this.#feed !== undefined && saying.term !== this.#feed.term) return;
    if (this.#channel === undefined || this.#follower.isOver(saying.term)) return;
    this.#patience.heard();
    if (saying.says === "over") {
      if (this.#follower.hearOver(saying)) return this.#finish(saying.error);
      if (this.#feed !== undefined) this.#stepBack();
    } else if (saying.says === "told") this.#follower.hearTold(saying);
    else {
      this.#follower.hearHere(saying);
      // It pauses while nobody sees this page; others may be seen.
      if (this.#feed !== undefined && saying.state === "waiting" && saying.error === undefined) {
        this.#stepBack();
        this.#isAside = true;
      }
    }
    this.#settle();
  }

  /** Leads no more, and may do so again later. */
  #stepBack(): void {
    this.#dropFeed();
    this.#leadership.quit();
    this.#mustSeek = true;
  }

  /** Finds out who leads, or leads. */
  #listen(): void {
    this.#mustSeek = true;
    this.#patience.start();
    this.ask();
    this.#settle();
  }

  #align(): void {
    this.#follower.align();
    this.#settle();
  }

  /** Does what the places of this tab and of the leader ask for. */
  #settle(): void {
    if (this.#channel === undefined) return;
    const { isInStep, leader } = this.#follower;
    const isOpen = leader?.state === "open";
    const isIdle = this.#inbox.size === 0 && this.#rest === undefined;
    if (isInStep || this.#rest !== undefined || !(isOpen || this.#isAfterReset)) this.#dropDetour();
    else if (isOpen && isIdle)
      this.#detour ??= new Detour(this.#settings.open, this.#surroundings, this);
    if (this.#mustSeek && isIdle && !this.#isAside) {
      this.#mustSeek = false;
      this.#leadership.seek();
    }
    this.#show(this.#rest ?? this.#detour ?? leader ?? { state: "connecting" });
  }

  #show({ state, error, retryAt }: Standing): void {
    const shown = this.#shown;
    if (shown?.state === state && shown.error === error && shown.retryAt === retryAt) return;
    this.#shown = { state, error, retryAt };
    this.#target.change(state, error, retryAt);
  }

  /** All has come; the target is told when it has taken it. */
  #finish(error: SseClientError | undefined): void {
    this.#isFinishing = true;
    this.left();
    this.#inbox.end(() => {
      this.close();
      this.#target.change("closed", error);
    });
  }

  #dropFeed(): void {
    this.#feed?.close();
    this.#feed = undefined;
    this.#unjam();
  }

  #dropDetour(): void {
    this.#detour?.close();
    this.#detour = undefined;
  }

  #post(saying: Saying): void {
    this.#channel?.post(writeSaying(saying));
  }
}
