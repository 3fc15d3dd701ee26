import {
  type Entry,
  type Follower,
  type Following,
  MemoryBroker,
  type Page,
  type Publication,
} from "@sluice/core";
import { describe, expect, it } from "vitest";
import { BreakableBroker } from "../test/breakable-broker.js";
import { brokerConformance } from "./broker-conformance.js";
import type { BrokerConformanceOptions } from "./broker/options.js";

const WALK = "whatever is done with channels, in whatever order, each of them stays a list";

/** Changes what a follower of a broker is told. */
function through(
  follow: (channel: string, follower: Follower) => Following,
  deliver: (follower: Follower, previous: string, entry: Entry) => void,
) {
  return (channel: string, follower: Follower): Following =>
    follow(channel, {
      deliver: (previous, entry) => deliver(follower, previous, entry),
      reached: (position) => follower.reached(position),
    });
}

class TellsTwice extends MemoryBroker {
  override follow = through(super.follow.bind(this), (follower, previous, entry) => {
    follower.deliver(previous, entry);
    follower.deliver(previous, entry);
  });
}

class TellsNotAll extends MemoryBroker {
  #told = 0;
  override follow = through(super.follow.bind(this), (follower, previous, entry) => {
    if (++this.#told % 5 > 0) follower.deliver(previous, entry);
  });
}

class TellsInTheWrongOrder extends MemoryBroker {
  #held: (() => void) | undefined;
  override follow = through(super.follow.bind(this), (follower, previous, entry) => {
    if (entry.text.includes("n2")) this.#held = () => follower.deliver(previous, entry);
    else {
      follower.deliver(previous, entry);
      this.#held?.();
      this.#held = undefined;
    }
  });
}

class TellsTheWrongPrevious extends MemoryBroker {
  override follow = through(super.follow.bind(this), (follower, _, entry) => {
    follower.deliver(entry.id, entry);
  });
}

class TellsAfterStop extends MemoryBroker {
  override follow(channel: string, follower: Follower): Following {
    const { position, ended } = super.follow(channel, follower);
    return { position, ended, stop: () => undefined };
  }
}

class TellsLate extends MemoryBroker {
  override follow(channel: string, follower: Follower): Following {
    let stopped = false;
    const following = super.follow(channel, {
      deliver: (previous, entry) => queueMicrotask(() => follower.deliver(previous, entry)),
      reached: () => undefined,
    });
    const { position, ended } = following;
    // What is on its way is told although nobody follows any more.
    return { position, ended, stop: () => stopped || ((stopped = true), following.stop()) };
  }
}

class TellsTheEntryOfThePosition extends MemoryBroker {
  override follow(channel: string, follower: Follower): Following {
    const following = super.follow(channel, follower);
    const before = super.rewind(channel, 1, following.position);
    const page = super.read(channel, before, undefined, 1);
    const [entry] = page.refused === undefined ? page.entries : [];
    if (entry !== undefined) queueMicrotask(() => follower.deliver(before, entry));
    return following;
  }
}

class TellsWhatItRefused extends MemoryBroker {
  readonly #followers: Follower[] = [];
  override follow(channel: string, follower: Follower): Following {
    this.#followers.push(follower);
    return super.follow(channel, follower);
  }
  override publish(publication: Publication): string {
    try {
      return super.publish(publication);
    } catch (error) {
      const { kind, text } = publication;
      for (const follower of this.#followers) follower.deliver("1", { id: "2", kind, text });
      throw error;
    }
  }
}

class LosesAnEntry extends MemoryBroker {
  #published = 0;
  override publish(publication: Publication): string {
    const id = ++this.#published % 7 === 0 ? "1.lost" : super.publish(publication);
    return id;
  }
}

class StoresTwice extends MemoryBroker {
  #published = 0;
  override publish(publication: Publication): string {
    const id = super.publish(publication);
    return ++this.#published % 7 === 0 ? super.publish(publication) : id;
  }
}

class TearsLargeEntries extends MemoryBroker {
  override publish(publication: Publication): string {
    return super.publish({ ...publication, text: publication.text.slice(0, 1_000_000) });
  }
}

class StoresBytesAsLatin1 extends MemoryBroker {
  override publish(publication: Publication): string {
    const text = Buffer.from(publication.text, "latin1").toString("latin1");
    return super.publish({ ...publication, text });
  }
}

class ForgetsTheKind extends MemoryBroker {
  override publish(publication: Publication): string {
    return super.publish({ ...publication, kind: publication.kind === "end" ? "end" : "text" });
  }
}

class GivesIllegalIds extends MemoryBroker {
  override publish(publication: Publication): string {
    return `${super.publish(publication)}:1`;
  }
}

class ConfusesNames extends MemoryBroker {
  override publish(publication: Publication): string {
    return super.publish({ ...publication, channel: publication.channel.normalize("NFKC") });
  }
  override follow(channel: string, follower: Follower): Following {
    return super.follow(channel.normalize("NFKC"), follower);
  }
  override read(channel: string, after: string, to: string | undefined, bytes: number): Page {
    return super.read(channel.normalize("NFKC"), after, to, bytes);
  }
}

/** Changes the pages that a broker gives. */
class Reads extends MemoryBroker {
  change(page: Page, _channel: string, _after: string): Page {
    return page;
  }
  override read(channel: string, after: string, to: string | undefined, bytes: number): Page {
    return this.change(super.read(channel, after, to, bytes), channel, after);
  }
}

class TakesStrangersForNewcomers extends Reads {
  override change(page: Page): Page {
    return page.refused === "unknown" ? { entries: [] } : page;
  }
}

class TrimsTheCursor extends MemoryBroker {
  override read(channel: string, after: string, to: string | undefined, bytes: number): Page {
    return super.read(channel, after.trim(), to, bytes);
  }
}

class CallsAllRefusalsUnknown extends Reads {
  override change(page: Page): Page {
    return page.refused === undefined ? page : { refused: "unknown" };
  }
}

class HidesWhatWasTrimmed extends Reads {
  override change(page: Page, channel: string, after: string): Page {
    if (page.refused !== "trimmed") return page;
    return super.read(channel, this.rewind(channel, 1_000_000, after), undefined, 1_000);
  }
}

class LeavesAGapInAPage extends Reads {
  override change(page: Page): Page {
    if (page.refused !== undefined) return page;
    return { entries: page.entries.filter((_, at) => at !== 3) };
  }
}

class ReadsBeyondTheEnd extends MemoryBroker {
  override read(channel: string, after: string, _: string | undefined, bytes: number): Page {
    return super.read(channel, after, undefined, bytes);
  }
}

class ReadsAllAtOnce extends MemoryBroker {
  override read(channel: string, after: string, to: string | undefined): Page {
    return super.read(channel, after, to, Infinity);
  }
}

class RewindsByOneTooFew extends MemoryBroker {
  override rewind(channel: string, count: number, from: string): string {
    return super.rewind(channel, Math.max(0, count - 1), from);
  }
}

/** Changes how much of a channel is kept. */
const keeps = (change: Partial<Publication["history"]>) =>
  class extends MemoryBroker {
    override publish(publication: Publication): string {
      return super.publish({ ...publication, history: { ...publication.history, ...change } });
    }
  };

class ForgetsTheEnd extends MemoryBroker {
  override publish(publication: Publication): string {
    const { kind } = publication;
    return super.publish({ ...publication, kind: kind === "end" ? "text" : kind });
  }
}

class ForgetsTheOutcome extends MemoryBroker {
  override publish(publication: Publication): string {
    const { kind, text } = publication;
    return super.publish({ ...publication, text: kind === "end" ? "" : text });
  }
}

class TellsNoOutcome extends MemoryBroker {
  override follow(channel: string, follower: Follower): Following {
    const following = super.follow(channel, follower);
    return { ...following, ended: following.ended && "done" };
  }
}

class ClosesLater extends MemoryBroker {
  override close(): void {
    // Nothing is freed.
  }
}

class RefusesToCloseAgain extends MemoryBroker {
  #closed = false;
  override close(): void {
    if (this.#closed) throw new Error("closed already");
    this.#closed = true;
    super.close();
  }
}

class ReturnsPromises extends MemoryBroker {
  override publish(publication: Publication): never {
    return Promise.resolve(super.publish(publication)) as never;
  }
  override follow(channel: string, follower: Follower): never {
    return Promise.resolve(super.follow(channel, follower)) as never;
  }
}

class StoresWhatItRefuses extends BreakableBroker {
  override refuse(publication: Publication): string {
    this.store(publication);
    return super.refuse(publication);
  }
}

class TellsWhatItDidNotStore extends BreakableBroker {
  readonly #followers: Follower[] = [];
  override follow(channel: string, follower: Follower): Following {
    this.#followers.push(follower);
    return super.follow(channel, follower);
  }
  override refuse(publication: Publication): string {
    const { kind, text } = publication;
    for (const follower of this.#followers) follower.deliver("1", { id: "2", kind, text });
    return super.refuse(publication);
  }
}

class AcknowledgesWhatItDidNotStore extends BreakableBroker {
  override refuse(): string {
    return "1.lost";
  }
}

class ForgetsWhatItHadStored extends BreakableBroker {
  override break(): () => void {
    const mend = super.break();
    this.close();
    return mend;
  }
}

class ForgetsItsFollowers extends BreakableBroker {
  readonly #followings: Following[] = [];
  override follow(channel: string, follower: Follower): Following {
    const following = super.follow(channel, follower);
    this.#followings.push(following);
    return following;
  }
  override refuse(publication: Publication): string {
    for (const following of this.#followings) following.stop();
    return super.refuse(publication);
  }
}

class FailsWithAnError extends BreakableBroker {
  override refuse(): string {
    throw new Error("disk full");
  }
}

const KEEPS_LESS = keeps({ count: 9 });
const KEEPS_ALL = keeps({ count: 1e6, bytes: 1e9 });
const KEEPS_FOR_EVER = keeps({ age: 1e9 });

type Options = Omit<BrokerConformanceOptions<MemoryBroker>, "open">;

const BREAKABLE: Options = { breakStore: (broker) => (broker as BreakableBroker).break() };
const REFUSED = "what can't be stored is refused, and neither told nor read";
const NO_END = "an end that can't be stored ends nothing";

type Broken = readonly [
  name: string,
  make: new () => MemoryBroker,
  fails: readonly string[],
  options?: Options,
];

const brokers: readonly Broken[] = [
  [
    "tells an entry twice",
    TellsTwice,
    ["entries are told and read in the order in which they were published", WALK],
  ],
  ["does not tell of every entry", TellsNotAll, ["everyone who follows a channel is told", WALK]],
  [
    "tells entries in the wrong order",
    TellsInTheWrongOrder,
    ["entries that are published without waiting keep the order of the calls"],
  ],
  [
    "tells a cursor before an entry that is another's",
    TellsTheWrongPrevious,
    ["everyone who follows a channel is told", WALK],
  ],
  [
    "goes on telling after stop",
    TellsAfterStop,
    ["after stop nothing is told, even of what was on its way", WALK],
  ],
  [
    "tells after stop what was on its way",
    TellsLate,
    ["after stop nothing is told, even of what was on its way"],
  ],
  [
    "tells the entry that who joins has already",
    TellsTheEntryOfThePosition,
    ["who joins is told what comes after the position, and nothing from before", WALK],
  ],
  [
    "tells an entry whose publish it refused",
    TellsWhatItRefused,
    ["nothing can be published to a channel that has been ended, and nothing of it is told"],
  ],
  [
    "loses an entry",
    LosesAnEntry,
    ["entries that are published without waiting keep the order of the calls", WALK],
  ],
  ["stores an entry twice", StoresTwice, ["everyone who follows a channel is told", WALK]],
  [
    "tears a large entry",
    TearsLargeEntries,
    ["a text is given back as it was published, whatever is in it"],
  ],
  [
    "loses what is not in Latin-1",
    StoresBytesAsLatin1,
    ["a text is given back as it was published, whatever is in it"],
  ],
  ["forgets the kind of an entry", ForgetsTheKind, ["the kind of an entry is kept"]],
  [
    "gives out ids of illegal characters",
    GivesIllegalIds,
    ["no two entries of a channel have the same id, and none that of the cursor before the first"],
  ],
  [
    "takes similar names for one",
    ConfusesNames,
    [
      "a channel may have any name, and is another one than all of other names",
      "one channel's end is not that of a channel of a similar name",
    ],
  ],
  [
    "takes a foreign cursor for the newest",
    TakesStrangersForNewcomers,
    [
      "another channel's cursor is unknown",
      "another broker's cursor is unknown, even of a channel of the same name",
      "a cursor that has not come yet is unknown, and stays refused when the channel grows",
      "a cursor with a character changed is refused, unless it is another entry's",
      WALK,
    ],
  ],
  [
    "reads a cursor with what stands around it",
    TrimsTheCursor,
    ["what is no cursor of the broker is malformed, in any channel"],
  ],
  [
    "does not say why it refuses",
    CallsAllRefusalsUnknown,
    [
      "a cursor behind the one to read through is ahead",
      "a cursor is trimmed when events after it have left the history, and only then",
      "what is no cursor of the broker is malformed, in any channel",
      WALK,
    ],
  ],
  [
    "reads over what was trimmed",
    HidesWhatWasTrimmed,
    ["a cursor is trimmed when events after it have left the history, and only then", WALK],
  ],
  [
    "leaves a gap in a page",
    LeavesAGapInAPage,
    ["reading after any cursor gives exactly what comes after it, in order", WALK],
  ],
  [
    "reads beyond the cursor to read through",
    ReadsBeyondTheEnd,
    ["nothing is read beyond the cursor to read through", WALK],
  ],
  ["reads all at once", ReadsAllAtOnce, ["a page has about as many bytes as were asked for"]],
  [
    "goes back too little",
    RewindsByOneTooFew,
    ["reading after the cursor so many entries back gives so many", WALK],
  ],
  [
    "keeps less than the count",
    KEEPS_LESS,
    ["a history keeps as many events as its count, and not ever more", WALK],
  ],
  [
    "keeps everything",
    KEEPS_ALL,
    [
      "a history keeps as many events as its count, and not ever more",
      "a history keeps as many bytes as it may have, and not ever more",
    ],
  ],
  [
    "keeps what is too old",
    KEEPS_FOR_EVER,
    ["what is older than the age leaves the history, and who follows goes on"],
  ],
  [
    "forgets that a channel has been ended",
    ForgetsTheEnd,
    [
      "the end of a channel is told to who listens and to who comes later",
      "the outcome of an end is kept, and told to who listens and to who comes later",
      "of several ends the first one counts, with its outcome",
      "nothing can be published to a channel that has been ended, and nothing of it is told",
      WALK,
    ],
  ],
  [
    "forgets how a channel has been ended",
    ForgetsTheOutcome,
    [
      "the outcome of an end is kept, and told to who listens and to who comes later",
      "of several ends the first one counts, with its outcome",
      "the end is remembered for its age, although the history keeps no events",
    ],
  ],
  [
    "does not tell who comes later how a channel has been ended",
    TellsNoOutcome,
    [
      "the outcome of an end is kept, and told to who listens and to who comes later",
      "of several ends the first one counts, with its outcome",
      "the end is remembered for its age, although the history keeps no events",
    ],
  ],
  [
    "goes on after its close",
    ClosesLater,
    [
      "a broker that is closed refuses to publish and to follow",
      "after the close nothing is told, and stopping does nothing",
      "a follower may close the broker while it is told",
    ],
  ],
  [
    "can't be closed twice",
    RefusesToCloseAgain,
    ["closing a broker again does nothing, not even at the same time"],
  ],
  [
    "returns promises and says that it does not",
    ReturnsPromises,
    ["a broker that needs no waiting returns its results and not promises"],
    { synchronous: true },
  ],
  [
    "forgets everything in a restart",
    MemoryBroker,
    [
      "a history outlives a restart, with its ids, kinds and texts",
      "who comes back after a restart goes on from an old cursor to new entries",
      "what has left the history is trimmed after a restart too",
      "a channel that has been ended is so after a restart",
      "a channel that has been ended as failed is so after a restart",
      WALK,
    ],
    {
      reopen: (broker) => {
        broker.close();
        return new MemoryBroker();
      },
    },
  ],
  ["stores what it says that it did not", StoresWhatItRefuses, [REFUSED, NO_END], BREAKABLE],
  ["tells what it could not store", TellsWhatItDidNotStore, [REFUSED, NO_END], BREAKABLE],
  [
    "acknowledges what it could not store",
    AcknowledgesWhatItDidNotStore,
    [REFUSED, NO_END],
    BREAKABLE,
  ],
  [
    "loses what it had when it can't store more",
    ForgetsWhatItHadStored,
    [
      REFUSED,
      NO_END,
      "what is stored can be read while nothing more can be, or reading fails and changes nothing",
      "who joins while nothing can be stored hears of what is stored afterwards, or is refused",
    ],
    BREAKABLE,
  ],
  [
    "tells nobody any more when it could not store",
    ForgetsItsFollowers,
    [REFUSED, NO_END],
    BREAKABLE,
  ],
  ["does not say that nothing was stored", FailsWithAnError, [REFUSED, NO_END], BREAKABLE],
  [
    "does not tell of every entry, and never how far the channel has come",
    TellsNotAll,
    ["everyone who follows a channel is told"],
    { lossy: true },
  ],
];

for (const [fault, Broken, fails, options] of brokers) {
  describe(`a broker that ${fault}`, () => {
    const cases = brokerConformance({ open: () => new Broken(), timeout: 300, ...options });

    it.each(fails)("does not pass: %s", async (name) => {
      const found = cases.find((one) => one.name === name);
      await expect(found!.run()).rejects.toThrow();
    });
  });
}

it("a walk that fails names its seed and what was done", async () => {
  const cases = brokerConformance({ open: () => new LeavesAGapInAPage(), seed: 7 });
  const walk = cases.find(({ name }) => name === WALK)!;
  const error: unknown = await walk.run().catch((reason: unknown) => reason);
  expect(String(error)).toMatch(/seed (7|8|9|1\d|2\d) failed after \d+ steps[^]*read\(/);
  await expect(walk.run()).rejects.toThrow(/after \d+ steps/);
});
