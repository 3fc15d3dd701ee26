import {
  constructorParameters,
  isRegistered,
  resolveFrom,
  type DependencyContainer,
} from "../container.js";
import { SluiceError } from "../errors.js";
import type { Host } from "./host.js";
import type { Node } from "./node.js";
import { isClass, tokenName, type Class, type Token } from "./provider.js";

/**
 * What the parent container holds: it is asked as tsyringe asks, and owns what it makes.
 */
export class HeldTokens {
  readonly #parent: DependencyContainer;
  readonly #app: DependencyContainer;
  #asked: Set<Node> | undefined;

  constructor(parent: DependencyContainer, app: DependencyContainer) {
    this.#parent = parent;
    this.#app = app;
  }

  has(token: unknown): boolean {
    return isToken(token) && isRegistered(this.#parent, token, true);
  }

  node(app: Host, token: Token): Node {
    const label = tokenName(token);
    // A child has by itself only what each container makes for itself.
    let checked = isRegistered(this.#app, token);
    return {
      label,
      scope: "singleton",
      perRequest: false,
      through: undefined,
      owned: false,
      get: () => {
        if (checked) return resolveFrom(app.container, token);
        const found = this.#checked(label, token);
        checked = true;
        return found;
      },
    };
  }

  /** The classes that a held class's constructor, or those of what it needs, name. */
  needs(token: Token): Set<Class> {
    const found = new Set<Class>();
    const walk = (target: unknown) => {
      if (!isClass(target)) return;
      for (const { token: needed } of constructorParameters(target) ?? []) {
        if (!isClass(needed) || found.has(needed)) continue;
        found.add(needed);
        walk(needed);
      }
    };
    walk(token);
    return found;
  }

  /** Takes note that tsyringe asked for one of the application's own objects. */
  asked(node: Node): void {
    this.#asked?.add(node);
  }

  /** A singleton of the parent outlives the application, and must not keep anything of it. */
  #checked(label: string, token: Token): unknown {
    const outer = this.#asked;
    const asked = (this.#asked = new Set());
    let found: unknown;
    try {
      found = resolveFrom(this.#app, token);
    } finally {
      this.#asked = outer;
    }
    const [first] = asked;
    if (first !== undefined && resolveFrom(this.#app, token) === found) {
      throw new SluiceError(
        "ERR_SCOPE",
        `${label} is registered in the parent container, which outlives the application, and needs ${first.label}, of which each application has its own. Use @Injectable() on ${label} in place of tsyringe's @singleton(), or register ${first.label} in that container too.`,
      );
    }
    return found;
  }
}

function isToken(value: unknown): value is Token {
  return typeof value === "string" || typeof value === "symbol" || typeof value === "function";
}
