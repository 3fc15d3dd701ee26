import { MemoryRunStore, type NewRun, type Renewal, type RunRecord } from "@sluice/core";
import { describe, expect, it } from "vitest";
import type { RunStoreConformanceOptions } from "./run-store/options.js";
import { runStoreConformance } from "./run-store-conformance.js";

/*
 * A suite is worth what it finds: each of these stores breaks one promise, and has to fail the cases
 * that hold it, of which the names are given.
 */

type Ended = Parameters<MemoryRunStore["finish"]>[2];

const WALK = "whatever is done with runs, in whatever order, a key has one run at a time";

class FindsNothing extends MemoryRunStore {
  override find(): undefined {
    return undefined;
  }
}

class LetsAllBegin extends MemoryRunStore {
  override claim(key: string, run: NewRun, _: string | undefined, lease: number): boolean {
    this.finish(key, this.find(key)?.attempt ?? "", { state: "lost", events: 0 }, 0);
    return super.claim(key, run, undefined, lease);
  }
}

/** Looks first and begins later, as one does that has no step for both. */
class LooksBeforeItBegins extends MemoryRunStore {
  override claim(key: string, run: NewRun, after: string | undefined, lease: number): never {
    const newest = this.find(key);
    const may = newest?.attempt === after && newest?.state !== "running";
    const begin = async (): Promise<boolean> => {
      await Promise.resolve();
      if (!may) return super.claim(key, run, after, lease);
      this.finish(key, this.find(key)?.attempt ?? "", { state: "lost", events: 0 }, 0);
      return super.claim(key, run, this.find(key)?.attempt, lease);
    };
    return begin() as never;
  }
}

class FollowsAnything extends MemoryRunStore {
  override claim(key: string, run: NewRun, _: string | undefined, lease: number): boolean {
    return super.claim(key, run, this.find(key)?.attempt, lease);
  }
}

class FollowsWhatIsNotHeld extends MemoryRunStore {
  override claim(key: string, run: NewRun, after: string | undefined, lease: number): boolean {
    const newest = this.find(key);
    if (newest?.held === false && newest.attempt === after)
      this.finish(key, after, { state: "lost", events: 0 }, 1e6);
    return super.claim(key, run, after, lease);
  }
}

class DoesNotKnowItsOwnClaim extends MemoryRunStore {
  override claim(key: string, run: NewRun, after: string | undefined, lease: number): boolean {
    if (this.find(key)?.attempt === run.attempt) return false;
    return super.claim(key, run, after, lease);
  }
}

class ClaimsEndedRunsAgain extends MemoryRunStore {
  override claim(key: string, run: NewRun, after: string | undefined, lease: number): boolean {
    if (this.find(key)?.attempt === run.attempt) return true;
    return super.claim(key, run, after, lease);
  }
}

class HoldsForEver extends MemoryRunStore {
  override claim(key: string, run: NewRun, after: string | undefined): boolean {
    return super.claim(key, run, after, 1e9);
  }
}

class DoesNotRenew extends MemoryRunStore {
  override renew(key: string, attempt: string): Renewal {
    const { held, watched } = super.renew(key, attempt, 1);
    return { held, watched };
  }
}

class RenewsWhatIsLost extends MemoryRunStore {
  override renew(key: string, attempt: string, lease: number): Renewal {
    const { watched } = super.renew(key, attempt, lease);
    const found = this.find(key);
    return { held: found?.attempt === attempt && found.state === "running", watched };
  }
}

class RenewsForAnybody extends MemoryRunStore {
  override renew(key: string, _: string, lease: number): Renewal {
    return super.renew(key, this.find(key)?.attempt ?? "", lease);
  }
}

class NeverSaysWatched extends MemoryRunStore {
  override renew(key: string, attempt: string, lease: number): Renewal {
    return { held: super.renew(key, attempt, lease).held, watched: false };
  }
}

class WatchesForEver extends MemoryRunStore {
  override watch(key: string, attempt: string): boolean {
    return super.watch(key, attempt, 1e9);
  }
}

class WatchesWhatItIsTold extends MemoryRunStore {
  override watch(key: string, _: string, lease: number): boolean {
    return super.watch(key, this.find(key)?.attempt ?? "", lease);
  }
}

class EndsAnything extends MemoryRunStore {
  override finish(key: string, _: string, ended: Ended, keep: number): boolean {
    return super.finish(key, this.find(key)?.attempt ?? "", ended, keep);
  }
}

class EndsAgain extends MemoryRunStore {
  override finish(key: string, attempt: string, ended: Ended, keep: number): boolean {
    const before = this.find(key);
    return super.finish(key, attempt, ended, keep) || before?.attempt === attempt;
  }
}

class ForgetsHowItEnded extends MemoryRunStore {
  override finish(key: string, attempt: string, { events }: Ended, keep: number): boolean {
    return super.finish(key, attempt, { state: "done", events }, keep);
  }
}

class KeepsForEver extends MemoryRunStore {
  override finish(key: string, attempt: string, ended: Ended): boolean {
    return super.finish(key, attempt, ended, 1e9);
  }
}

class KeepsNothing extends MemoryRunStore {
  override finish(key: string, attempt: string, ended: Ended): boolean {
    return super.finish(key, attempt, ended, 0);
  }
}

/** The time for which a run is kept ends what is there then. */
class ForgetsWhatFollows extends MemoryRunStore {
  readonly #until = new Map<string, number>();
  override finish(key: string, attempt: string, ended: Ended, keep: number): boolean {
    const finished = super.finish(key, attempt, ended, keep);
    if (finished) this.#until.set(key, performance.now() + keep);
    return finished;
  }
  override find(key: string): RunRecord | undefined {
    const isOver = (this.#until.get(key) ?? Infinity) <= performance.now();
    return isOver ? undefined : super.find(key);
  }
}

class ForgetsWhatIsNotHeld extends MemoryRunStore {
  override find(key: string): RunRecord | undefined {
    const found = super.find(key);
    return found?.state === "running" && !found.held ? undefined : found;
  }
}

class TakesKeysForTheSame extends MemoryRunStore {
  override claim(key: string, run: NewRun, after: string | undefined, lease: number): boolean {
    return super.claim(key.toLowerCase(), run, after, lease);
  }
  override find(key: string): RunRecord | undefined {
    return super.find(key.toLowerCase());
  }
}

class ReturnsPromises extends MemoryRunStore {
  override find(key: string): never {
    return Promise.resolve(super.find(key)) as never;
  }
}

class LeavesOutThePrincipal extends MemoryRunStore {
  override claim(key: string, run: NewRun, after: string | undefined, lease: number): boolean {
    return super.claim(key, { ...run, principal: "" }, after, lease);
  }
}

type Options = Omit<RunStoreConformanceOptions<MemoryRunStore>, "open">;

type Broken = readonly [
  fault: string,
  make: new () => MemoryRunStore,
  fails: readonly string[],
  options?: Options,
];

const RACE = "of many who claim a key at once one begins, and the run is that one's";
const RACE_AFTER = "of many who follow the same run at once one begins";
const NEWEST =
  "only the newest run of a key is held and watched, and nobody's is where there is none";
const WATCHED = "who runs it hears that others listen, until they have not said so for a while";
const LAPSED =
  "a run is not held any more when its lease has run out, and nothing else of it has changed";

const stores: readonly Broken[] = [
  [
    "finds nothing",
    FindsNothing,
    [
      "a run that has begun is found as it was claimed, running and held, by all who share the records",
      WALK,
    ],
  ],
  [
    "lets everybody begin",
    LetsAllBegin,
    [
      RACE,
      RACE_AFTER,
      "a key whose run has not ended can't be claimed, and nothing has changed then",
    ],
  ],
  ["looks, and begins a moment later", LooksBeforeItBegins, [RACE, RACE_AFTER]],
  [
    "lets a run follow any other",
    FollowsAnything,
    ["a run can only follow the newest one, and that when it has ended", WALK],
  ],
  [
    "lets a run follow one that has not ended",
    FollowsWhatIsNotHeld,
    ["a run that is not held has to be ended before another one follows it"],
  ],
  [
    "does not know a claim that is made again",
    DoesNotKnowItsOwnClaim,
    ["a claim whose answer was lost can be made again, and says the same", WALK],
  ],
  [
    "begins a run again that has ended",
    ClaimsEndedRunsAgain,
    [
      "a claim is not made again when its run has been ended",
      "a lease that has run out can't be renewed, nor taken by claiming again",
      WALK,
    ],
  ],
  ["holds a run for ever", HoldsForEver, [LAPSED]],
  ["does not renew", DoesNotRenew, ["a run is held for as long as its last renewal says"]],
  [
    "renews a lease that has run out",
    RenewsWhatIsLost,
    ["a lease that has run out can't be renewed, nor taken by claiming again"],
  ],
  ["renews what is another's", RenewsForAnybody, [NEWEST, RACE, WALK]],
  ["says of no run that it is watched", NeverSaysWatched, [WATCHED, WALK]],
  ["says for ever that a run is watched", WatchesForEver, [WATCHED]],
  ["lets an earlier run be watched", WatchesWhatItIsTold, [NEWEST, WALK]],
  [
    "ends a run for another one",
    EndsAnything,
    ["a run that is not the newest of its key can't be ended, and nothing has changed then", WALK],
  ],
  ["says of a second end that it counts", EndsAgain, ["a run ends once: its first end counts"]],
  [
    "does not tell how a run has ended",
    ForgetsHowItEnded,
    ["how a run has ended is found by all who share the records", WALK],
  ],
  [
    "keeps a run for ever",
    KeepsForEver,
    [
      "a run that has ended is remembered for as long as it is kept, and no longer",
      "a run that is not kept is forgotten at once, and its key is free",
      "a key whose run has been forgotten is claimed as one that never had any",
      WALK,
    ],
  ],
  [
    "keeps no run",
    KeepsNothing,
    [
      "a run that has ended is remembered for as long as it is kept, and no longer",
      "a run can only follow the newest one, and that when it has ended",
    ],
  ],
  [
    "forgets a run with the one before it",
    ForgetsWhatFollows,
    ["a run outlives the time for which the one before it was kept", WALK],
  ],
  [
    "forgets a run that nobody holds",
    ForgetsWhatIsNotHeld,
    [LAPSED, "a run is remembered although nobody holds it any more"],
  ],
  [
    "takes two keys for the same",
    TakesKeysForTheSame,
    ["a key may be any text, and its runs are none of any other key"],
  ],
  [
    "does not give back whose a run is",
    LeavesOutThePrincipal,
    [
      "a run that has begun is found as it was claimed, running and held, by all who share the records",
      "channel, principal and note are given back as they were claimed, whatever is in them",
      WALK,
    ],
  ],
  [
    "returns promises and says that it does not",
    ReturnsPromises,
    ["a store that needs no waiting returns its results and not promises"],
    { synchronous: true },
  ],
  [
    "forgets everything in a restart",
    MemoryRunStore,
    [
      "runs that have ended outlive a restart",
      "a run that was running is still there after a restart, and can be ended and followed",
    ],
    { reopen: () => new MemoryRunStore() },
  ],
];

for (const [fault, Broken, fails, options] of stores) {
  describe(`a store of runs that ${fault}`, () => {
    const cases = runStoreConformance({ open: () => new Broken(), timeout: 400, ...options });

    it.each(fails)("does not pass: %s", async (name) => {
      const found = cases.find((one) => one.name === name);
      await expect(found!.run()).rejects.toThrow();
    });
  });
}

it("a walk that fails names its seed and what was done", async () => {
  const cases = runStoreConformance({ open: () => new EndsAnything(), seed: 7 });
  const walk = cases.find(({ name }) => name === WALK)!;
  await expect(walk.run()).rejects.toThrow(
    /seed (7|8|9|1\d|2\d) failed after \d+ steps[^]*finish\(/,
  );
});

it("closes what a case has opened, whatever comes of it", async () => {
  const closed: MemoryRunStore[] = [];
  const cases = runStoreConformance({
    open: () => new FindsNothing(),
    join: () => new FindsNothing(),
    close: (store) => void closed.push(store),
  });
  const found = cases.find(({ name }) => name.includes("by all who share"));
  await expect(found!.run()).rejects.toThrow();
  expect(closed).toHaveLength(2);
});
