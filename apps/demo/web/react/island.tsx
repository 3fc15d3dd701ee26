import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import type { LockProps } from "./lock-props.js";
import { Lock } from "./lock.js";

/** Renders the lock into an element. */
export class LockIsland {
  readonly #root;
  #key = 0;

  constructor(host: HTMLElement) {
    this.#root = createRoot(host);
  }

  /** Begins with a new stream. */
  begin(props: LockProps): void {
    this.#key++;
    this.show(props);
  }

  /** Goes on with what there is. */
  show(props: LockProps): void {
    this.#root.render(
      <StrictMode>
        <Lock key={this.#key} {...props} />
      </StrictMode>,
    );
  }

  clear(): void {
    this.#root.render(null);
  }
}
