import type { Entry, Follower } from "@sluice/core";
import type { ChaosFaults } from "./chaos-options.js";
import type { Seeded } from "./seeded.js";

/** What a line needs of its broker. */
export interface Chaos {
  readonly random: Seeded;
  /** What goes wrong now; nothing, when all is calm. */
  faults: ChaosFaults;
  readonly schedule: (task: () => void) => void;
}

/** The way from a broker to one follower, on which things go wrong. */
export class ChaosLine implements Follower {
  readonly #chaos: Chaos;
  readonly #follower: Follower;
  /** What is on its way. */
  #tellings: (() => void)[] = [];
  /** The newest cursor that the broker has told of. */
  #newest: string | undefined;
  /** Whether the follower may be told: not before it knows where it began. */
  #open = false;
  #scheduled = false;
  #stopped = false;

  constructor(chaos: Chaos, follower: Follower) {
    this.#chaos = chaos;
    this.#follower = follower;
  }

  deliver(previous: string, entry: Entry): void {
    this.#newest = entry.id;
    const { random, faults } = this.#chaos;
    const tell = (): void => this.#follower.deliver(previous, entry);
    if (!random.happens(faults.drop)) this.#send(tell);
    if (random.happens(faults.double)) this.#send(tell);
    if (random.happens(faults.reach)) this.#sendReached(entry.id);
  }

  reached(position: string): void {
    this.#newest = position;
    this.#sendReached(position);
  }

  /** Lets the follower be told, from the next turn on. */
  open(): void {
    this.#chaos.schedule(() => {
      this.#open = true;
      this.#run(this.#tellings.length);
    });
  }

  /** Tells all that is on its way, and how far the channel has come. */
  settle(): void {
    if (!this.#open) return;
    this.#run(this.#tellings.length);
    if (this.#newest !== undefined && !this.#stopped) this.#follower.reached(this.#newest);
  }

  stop(): void {
    this.#stopped = true;
    this.#tellings = [];
  }

  #sendReached(position: string): void {
    this.#send(() => this.#follower.reached(position));
  }

  #send(tell: () => void): void {
    if (this.#stopped) return;
    const { random, faults } = this.#chaos;
    const reorders = random.happens(faults.reorder);
    const delays = random.happens(faults.delay);
    if (this.#open && this.#tellings.length === 0 && !reorders && !delays) return tell();
    const place = reorders ? random.below(this.#tellings.length + 1) : this.#tellings.length;
    this.#tellings.splice(place, 0, tell);
    if (this.#open) this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#tellings.length === 0) return;
    this.#scheduled = true;
    this.#chaos.schedule(() => {
      this.#scheduled = false;
      this.#run(1 + this.#chaos.random.below(this.#tellings.length));
      this.#schedule();
    });
  }

  #run(count: number): void {
    // What is told may stop the line, or publish, which comes behind.
    for (let told = 0; told < count; told++) this.#tellings.shift()?.();
  }
}
