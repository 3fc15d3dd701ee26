import type { DependencyContainer } from "../container.js";
import { SluiceError } from "../errors.js";
import { tokenName, type Token } from "./provider.js";

/** A container and the objects that end with it: the application's, or those of one request. */
export class Host {
  readonly container: DependencyContainer;
  readonly life: "application" | "request";
  readonly #objects = new Map<Token, unknown>();
  #ended = false;

  constructor(parent: DependencyContainer, life: Host["life"]) {
    this.life = life;
    this.container = parent.createChildContainer().register(Host, { useValue: this });
  }

  /** The host's one object for a token, made when it is first asked for. */
  once(token: Token, make: (container: DependencyContainer) => unknown): unknown {
    if (this.#objects.has(token)) return this.#objects.get(token);
    if (this.#ended) {
      throw new SluiceError(
        "ERR_SCOPE",
        `${tokenName(token)} was asked for after ${this.life === "request" ? "its request" : "the application"} had ended.`,
      );
    }
    const object = make(this.container);
    this.#objects.set(token, object);
    return object;
  }

  /**
   * Calls `dispose()` of each object that was made here and has one, the youngest first.
   *
   * @throws what the first of them threw, after all have been called
   */
  async dispose(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    const failures: unknown[] = [];
    // A factory may have handed out an object that another token stands for too.
    for (const object of [...new Set(this.#objects.values())].toReversed()) {
      try {
        if (isDisposable(object)) await object.dispose();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

function isDisposable(value: unknown): value is { dispose(): unknown } {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as { dispose?: unknown }).dispose === "function"
  );
}
