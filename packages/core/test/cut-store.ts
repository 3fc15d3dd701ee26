import { MemoryRunStore } from "../src/index.js";
import type { NewRun, Renewal, RunRecord, RunStore } from "../src/index.js";

/** The store as one process sees it, over a line that can be cut: what is asked then is asked when it is mended. */
export class CutStore implements RunStore {
  readonly #shared: MemoryRunStore;
  #whole = Promise.resolve();
  #mend: () => void = () => undefined;
  /** What is thrown in place of an answer. */
  failure: Error | undefined;

  constructor(shared: MemoryRunStore) {
    this.#shared = shared;
  }

  cut(): void {
    this.#whole = new Promise((resolve) => (this.#mend = resolve));
  }

  mend(): void {
    this.#mend();
  }

  find(key: string): Promise<RunRecord | undefined> {
    return this.#ask(() => this.#shared.find(key));
  }

  claim(key: string, run: NewRun, after: string | undefined, lease: number): Promise<boolean> {
    return this.#ask(() => this.#shared.claim(key, run, after, lease));
  }

  renew(key: string, attempt: string, lease: number): Promise<Renewal> {
    return this.#ask(() => this.#shared.renew(key, attempt, lease));
  }

  watch(key: string, attempt: string, lease: number): Promise<boolean> {
    return this.#ask(() => this.#shared.watch(key, attempt, lease));
  }

  finish(...args: Parameters<MemoryRunStore["finish"]>): Promise<boolean> {
    return this.#ask(() => this.#shared.finish(...args));
  }

  async #ask<T>(answer: () => T): Promise<T> {
    await this.#whole;
    if (this.failure !== undefined) throw this.failure;
    return answer();
  }
}
