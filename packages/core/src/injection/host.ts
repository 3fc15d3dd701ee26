import type { DependencyContainer } from "../container.js";
import { SluiceError } from "../errors.js";
import type { Context } from "../pipeline/context.js";
import type { Node } from "./node.js";

/** What holds objects: one host for the application, and one for each request that needs its own. */
export class Host {
  /** Undefined for the application's. */
  readonly context: Context | undefined;
  readonly #createContainer: () => DependencyContainer;
  #container: DependencyContainer | undefined;
  readonly #instances = new Map<Node, unknown>();
  readonly #making: Node[] = [];
  #disposed = false;

  constructor(createContainer: () => DependencyContainer, context?: Context) {
    this.#createContainer = createContainer;
    this.context = context;
  }

  /** For what tsyringe makes; most requests ask for nothing of that kind. */
  get container(): DependencyContainer {
    return (this.#container ??= this.#createContainer());
  }

  /** The host's one object for a node, made when it is first asked for. */
  once(node: Node, make: () => unknown): unknown {
    if (this.#instances.has(node)) return this.#instances.get(node);
    if (this.#disposed) {
      throw new SluiceError(
        "ERR_SCOPE",
        `${node.label} was asked for after ${this.context === undefined ? "the application" : "its request"} had ended.`,
      );
    }
    if (this.#making.includes(node)) {
      const path = [...this.#making.slice(this.#making.indexOf(node)), node];
      throw new SluiceError(
        "ERR_CYCLE",
        `${path.map(({ label }) => label).join(" -> ")}: they need each other. Move what both need into a third.`,
      );
    }
    this.#making.push(node);
    try {
      const instance = make();
      this.#instances.set(node, instance);
      return instance;
    } finally {
      this.#making.pop();
    }
  }

  /**
   * Calls `dispose()` of each object that was made here and has one, the youngest first.
   *
   * @throws what the first of them threw, after all have been called
   */
  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    const failures: unknown[] = [];
    const owned = [...this.#instances].filter(([node]) => node.owned).map(([, object]) => object);
    // A factory may have handed out an object that another token stands for too.
    for (const instance of new Set(owned.toReversed())) {
      if (!isDisposable(instance)) continue;
      try {
        await instance.dispose();
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
