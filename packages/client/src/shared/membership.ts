import type { OpenLine } from "../line.js";
import { Feed, type FeedOwner } from "./feed.js";
import { type Candidate, Leadership } from "./leadership.js";
import { type Impatient, Patience } from "./patience.js";
import { type Here, type Over, readSaying, type Saying, type Told, writeSaying } from "./saying.js";
import type { Channel, PageLife, Surroundings } from "./surroundings.js";

/** What tabs need to share a connection. */
export interface MembershipSettings {
  /** What they have in common: the name of their channel and of their lock. */
  readonly key: string;
  /** Opens a connection. */
  readonly open: OpenLine;
}

/** Who takes part. */
export interface Member {
  /** Whether this tab is of use as the leader now. */
  readonly canLead: boolean;
  /** Where it would resume. */
  readonly resumeFrom: string;
  /** Whether it can take no more of what all are told, and will miss the next. */
  readonly isFull: boolean;
  /** Hears what the leader says, be it this tab. */
  hear(saying: Here | Told | Over): void;
  /** Nobody is heard of for the moment. */
  hearNobody(): void;
}

/** A channel to nobody. */
const NOWHERE: Channel = { post() {}, close() {} };

/** A tab's part among all that share a connection: it hears the leader, and is the leader when its turn comes. */
export class Membership implements Candidate, FeedOwner, Impatient, PageLife {
  readonly #settings: MembershipSettings;
  readonly #member: Member;
  readonly #surroundings: Surroundings;
  readonly #leadership: Leadership;
  readonly #patience: Patience;
  #isMember = false;
  /** There while the page runs. */
  #channel: Channel | undefined;
  /** The connection for all, while this tab leads. */
  #feed: Feed | undefined;
  /** The lock is to be sought as soon as the tab can lead. */
  #mustSeek = false;
  /** The page is hidden, and its connection pauses meanwhile: another tab may lead. */
  #isAside = false;
  #unjam: () => void = () => {};
  #unwatch: () => void = () => {};

  constructor(settings: MembershipSettings, member: Member, surroundings: Surroundings) {
    this.#settings = settings;
    this.#member = member;
    this.#surroundings = surroundings;
    this.#leadership = new Leadership(surroundings.locks, settings.key, this);
    this.#patience = new Patience(surroundings, this);
  }

  /** Whether it takes part at the moment. */
  get isPresent(): boolean {
    return this.#channel !== undefined;
  }

  /** Takes part, whenever the page runs. */
  join(): void {
    if (this.#isMember) return;
    this.#isMember = true;
    this.#unwatch = this.#surroundings.watchPage(this);
    this.entered();
  }

  /** Takes part no longer. */
  quit(): void {
    this.#isMember = false;
    this.#unwatch();
    this.left();
  }

  entered(): void {
    if (this.#channel !== undefined) return;
    this.#channel = this.#surroundings.openChannel(this.#settings.key, (data) => {
      const saying = readSaying(data);
      if (saying !== undefined && this.#channel !== undefined) this.#hear(saying);
    });
    this.#isAside = false;
    this.#listen();
  }

  /** Holds nothing of the browser's any more. */
  left(): void {
    this.#channel?.close();
    this.#channel = undefined;
    this.#leadership.quit();
    this.#patience.stop();
    this.#dropFeed();
    this.#member.hearNobody();
  }

  seen(): void {
    if (!this.#isAside) return;
    this.#isAside = false;
    this.#listen();
  }

  /** Waits for the lock, if that is due and of any use. */
  seek(): void {
    if (!this.#mustSeek || this.#isAside || !this.#member.canLead) return;
    this.#mustSeek = false;
    this.#leadership.seek();
  }

  won(): void {
    if (!this.#member.canLead) {
      this.#leadership.quit();
      this.#mustSeek = true;
      return;
    }
    this.#patience.stop();
    this.#feed = new Feed(this.#settings.open, this.#member.resumeFrom, this, this.#surroundings);
    this.#feed.tell();
  }

  lost(): void {
    this.#dropFeed();
    this.#member.hearNobody();
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
    if (!this.#isAside) this.#leadership.seek(true);
  }

  say(saying: Here | Told | Over): void {
    this.#post(saying);
    this.#hear(saying);
  }

  /** The feed waits for this tab as long as no other is there. */
  jam(): Promise<void> | undefined {
    if (!this.#member.isFull) return undefined;
    const { key } = this.#settings;
    const gate = new Promise<void>((go) => (this.#unjam = go));
    void this.#surroundings.locks.query().then(
      ({ pending = [] }) => pending.some(({ name }) => name === key) && this.#unjam(),
      () => this.#unjam(),
    );
    return gate;
  }

  /** The tab can take something again. */
  unjam(): void {
    this.#unjam();
  }

  #hear(saying: Saying): void {
    if (saying.says === "who") {
      this.#unjam();
      this.#feed?.tell();
      return;
    }
    // Who leads is told by the lock, and by nobody else.
    if (this.#feed !== undefined && saying.term !== this.#feed.term) return;
    this.#patience.heard();
    const { says } = saying;
    // It pauses while nobody sees this page; others may be seen.
    const isPaused = says === "here" && saying.state === "waiting" && saying.error === undefined;
    if (this.#feed !== undefined && (isPaused || says === "over")) {
      this.#dropFeed();
      this.#leadership.quit();
      this.#patience.start();
      this.#mustSeek = true;
      this.#isAside = isPaused;
    }
    this.#member.hear(saying);
  }

  /** Finds out who leads, or leads. */
  #listen(): void {
    this.#mustSeek = true;
    this.#patience.start();
    this.ask();
    this.seek();
  }

  #dropFeed(): void {
    this.#feed?.close();
    this.#feed = undefined;
    this.#unjam();
  }

  #post(saying: Saying): void {
    this.#channel?.post(writeSaying(saying));
  }
}
