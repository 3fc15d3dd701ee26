import { EventEmitter, once } from "node:events";

/** Where generators wait until `POST /go`. */
export class Gate {
  readonly #emitter = new EventEmitter().setMaxListeners(0);

  /** Resolves at the next {@link release}. */
  async pass(): Promise<void> {
    await once(this.#emitter, "go");
  }

  release(): void {
    this.#emitter.emit("go");
  }
}
