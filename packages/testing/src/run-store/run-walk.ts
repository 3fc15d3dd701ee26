import assert from "node:assert/strict";
import type { RunRecord, RunState, RunStore } from "@sluice/core";
import { Seeded } from "../seeded.js";
import type { RunSettings } from "./options.js";
import type { PromisedRun } from "./promised-run.js";
import { LONG, newRun, RunBench } from "./run-bench.js";

const STEPS = 150;
const KEYS = ["a", "b", "{ü}/:"];
const ENDS = ["done", "failed", "refused", "cancelled", "orphaned", "lost"] as const;

/** What has to be known of one key. */
interface Newest {
  readonly attempt: string;
  readonly state: RunState;
  readonly events: number;
  readonly watched: boolean;
}

/** A random sequence of everything that can be done with a store, each step held against a map. */
class RunWalk {
  /** What was done, for the message of a failure. */
  readonly trail: string[] = [];
  readonly #bench: RunBench;
  readonly #random: Seeded;
  #stores: readonly RunStore[] = [];
  readonly #newest = new Map<string, Newest>();
  #attempts = 0;

  constructor(bench: RunBench, random: Seeded) {
    this.#bench = bench;
    this.#random = random;
  }

  async run(): Promise<void> {
    this.#stores = [this.#bench.store, await this.#bench.join()];
    for (let step = 0; step < STEPS; step++) {
      const key = this.#random.pick(KEYS);
      await this.#step(key, this.#random.pick(this.#stores));
      await this.#check(key, this.#random.pick(this.#stores));
    }
  }

  async #step(key: string, store: RunStore): Promise<void> {
    const roll = this.#random.next();
    if (roll < 0.4) await this.#claim(key, store);
    else if (roll < 0.55) await this.#renew(key, store);
    else if (roll < 0.7) await this.#watch(key, store);
    else await this.#finish(key, store);
  }

  async #claim(key: string, store: RunStore): Promise<void> {
    const newest = this.#newest.get(key);
    const isAgain = newest !== undefined && this.#random.happens(0.2);
    const attempt = isAgain ? newest.attempt : `attempt ${++this.#attempts}`;
    const after = this.#random.happens(0.7) ? newest?.attempt : this.#random.pick(["", undefined]);
    this.trail.push(`claim(${key}, ${attempt}, ${String(after)})`);
    const may = isAgain
      ? newest.state === "running"
      : after === newest?.attempt && newest?.state !== "running";
    assert.equal(await store.claim(key, newRun(attempt), after, LONG), may);
    if (may && !isAgain)
      this.#newest.set(key, { attempt, state: "running", events: 0, watched: false });
  }

  async #renew(key: string, store: RunStore): Promise<void> {
    const attempt = this.#anAttempt(key);
    this.trail.push(`renew(${key}, ${attempt})`);
    const held = this.#isHeld(key, attempt);
    const watched = held && this.#newest.get(key)!.watched;
    assert.deepEqual(await store.renew(key, attempt, LONG), { held, watched });
  }

  async #watch(key: string, store: RunStore): Promise<void> {
    const attempt = this.#anAttempt(key);
    this.trail.push(`watch(${key}, ${attempt})`);
    const held = this.#isHeld(key, attempt);
    assert.equal(await store.watch(key, attempt, LONG), held);
    if (held) this.#newest.set(key, { ...this.#newest.get(key)!, watched: true });
  }

  async #finish(key: string, store: RunStore): Promise<void> {
    const attempt = this.#anAttempt(key);
    const ended = { state: this.#random.pick(ENDS), events: this.#random.below(1_000) };
    const keep = this.#random.happens(0.3) ? 0 : LONG;
    this.trail.push(`finish(${key}, ${attempt}, ${ended.state}, ${keep})`);
    const may = this.#isHeld(key, attempt);
    assert.equal(await store.finish(key, attempt, ended, keep), may);
    if (!may) return;
    if (keep === 0) this.#newest.delete(key);
    else this.#newest.set(key, { attempt, ...ended, watched: false });
  }

  async #check(key: string, store: RunStore): Promise<void> {
    const found = await store.find(key);
    const newest = this.#newest.get(key);
    const known = found && pick(found);
    assert.deepEqual(
      known,
      newest && {
        ...newRun(newest.attempt),
        state: newest.state,
        events: newest.events,
        held: newest.state === "running",
        hasFinished: newest.state !== "running",
      },
    );
  }

  /** Mostly the newest one of a key, else one that is not, or that never was. */
  #anAttempt(key: string): string {
    const other = `attempt ${1 + this.#random.below(this.#attempts + 1)}`;
    return this.#random.happens(0.8) ? (this.#newest.get(key)?.attempt ?? other) : other;
  }

  #isHeld(key: string, attempt: string): boolean {
    const newest = this.#newest.get(key);
    return newest?.attempt === attempt && newest.state === "running";
  }
}

function pick({ started: _, finished, ...rest }: RunRecord): object {
  return { ...rest, hasFinished: finished !== undefined };
}

/** Random walks: what no list of cases thinks of. */
export const runWalks: readonly PromisedRun[] = [
  {
    name: "whatever is done with runs, in whatever order, a key has one run at a time",
    async run(bench) {
      const { settings } = bench;
      for (let seed = settings.seed; seed < settings.seed + settings.walks; seed++)
        await walk(settings, seed);
    },
  },
];

async function walk(settings: RunSettings, seed: number): Promise<void> {
  await using bench = await RunBench.open(settings);
  const walk = new RunWalk(bench, new Seeded(seed));
  try {
    await walk.run();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const trail = walk.trail.slice(-8).join("\n  ");
    throw new assert.AssertionError({
      message: `The walk of the seed ${seed} failed after ${walk.trail.length} steps, at last\n  ${trail}\n${reason}`,
    });
  }
}
