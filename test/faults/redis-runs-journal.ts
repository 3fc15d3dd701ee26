import { appendFileSync, readFileSync } from "node:fs";
import type { RunState } from "@sluice/core";

/** A generator begins: written before its first event, so that no death of its process can hide it. */
export interface Begun {
  readonly what: "begun";
  /** Tells all starts apart. */
  readonly start: string;
  readonly key: string;
  /** The process. */
  readonly node: string;
  /** In milliseconds of the epoch, as all times of a journal. */
  readonly at: number;
}

/** Its `finally` runs. */
export interface Ended {
  readonly what: "ended";
  readonly start: string;
  /** `stopped`: it was told to. */
  readonly how: "done" | "threw" | "stopped";
  /** How the run stood then, as its process knows it. */
  readonly state: RunState | undefined;
  /** How many tokens it was asked to go on from. */
  readonly tokens: number;
  readonly at: number;
}

/** What all processes write down of the generators of runs, in one order. */
export class RunJournal {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
    appendFileSync(path, "");
  }

  write(entry: Begun | Ended): void {
    appendFileSync(this.#path, `${JSON.stringify(entry)}\n`);
  }

  read(): readonly (Begun | Ended)[] {
    const lines = readFileSync(this.#path, "utf8").split("\n");
    return lines.filter(Boolean).map((line) => JSON.parse(line) as Begun | Ended);
  }
}
