import {
  globalContainer,
  isTsyringeClass,
  registerFinder,
  resolveFrom,
  type DependencyContainer,
} from "../container.js";
import { SluiceError } from "../errors.js";
import type { Context } from "../pipeline/context.js";
import { planConstructor } from "./constructor.js";
import { HeldTokens } from "./held.js";
import { Host } from "./host.js";
import { isMarked, scopeOf } from "./marks.js";
import { createNode, type Node } from "./node.js";
import {
  checkProvider,
  isClass,
  tokenName,
  type Class,
  type Provider,
  type Scope,
  type Token,
} from "./provider.js";

/** Injects the request's {@link Context} into what lives for a request. */
export const REQUEST_CONTEXT: unique symbol = Symbol.for("sluice.request-context");

type ProviderObject = Exclude<Provider, Class>;

/**
 * Everything that one application injects: found by walking the types of constructors, checked
 * before anything is made, and registered in a child of the given container, so that two
 * applications share only what that container holds.
 */
export class Graph {
  readonly app: Host;
  readonly #held: HeldTokens;
  readonly #nodes = new Map<unknown, Node>();
  /** In the order in which they were needed; made at the start. */
  readonly #needed = new Set<Node>();
  readonly #providers = new Map<unknown, ProviderObject>();
  readonly #listed = new Set<unknown>();
  readonly #path: Token[] = [];
  readonly #later: { readonly token: Token; readonly from: string }[] = [];
  /** While classes are planned of which it is not certain that anything asks for them. */
  #guessing = false;
  readonly #hosts = new WeakMap<DependencyContainer, Host>();

  constructor(parent: DependencyContainer = globalContainer) {
    this.app = new Host(() => parent.createChildContainer());
    this.#held = new HeldTokens(parent, this.app.container);
    this.#add(
      REQUEST_CONTEXT,
      createNode(this.app, {
        label: "REQUEST_CONTEXT",
        scope: "request",
        dependencies: [],
        owned: false,
        make: (host) => host.context,
      }),
    );
  }

  /**
   * Takes the application's own providers. The last one for a token counts, also before what the
   * parent holds; a class alone gives way to the parent.
   *
   * @throws SluiceError `ERR_PROVIDER`, and what {@link node} throws
   */
  provide(providers: readonly Provider[]): void {
    for (const [index, provider] of providers.entries()) {
      checkProvider(provider, index);
      if (isClass(provider)) this.#listed.add(provider);
      else this.#providers.set(provider.provide, provider);
    }
    for (const token of [...this.#listed, ...this.#providers.keys()]) {
      this.node(token as Token, "the providers");
    }
  }

  /**
   * What a token stands for.
   *
   * @param from - who asks, for errors
   * @throws SluiceError `ERR_NOT_INJECTABLE`, `ERR_NO_PROVIDER`, `ERR_NO_METADATA`, `ERR_SCOPE`,
   *   `ERR_CYCLE`
   */
  node(token: Token, from: string): Node {
    const node = this.#nodes.get(token) ?? this.#plan(token, from);
    if (!this.#guessing) this.#needed.add(node);
    return node;
  }

  /**
   * A class that was named for what it does, as a controller, a guard or an interceptor is: it needs
   * no `@Injectable`.
   */
  named(target: Class, from: string): Node {
    this.#listed.add(target);
    return this.node(target, from);
  }

  /** Whether a token stands for anything. */
  has(token: unknown): boolean {
    return (
      this.#nodes.has(token) ||
      this.#providers.has(token) ||
      this.#held.has(token) ||
      this.#isOurs(token) ||
      (isClass(token) && isTsyringeClass(token))
    );
  }

  /** Plans a token once all that is being planned is done: the way out of a cycle. */
  later(token: Token, from: string): void {
    this.#later.push({ token, from });
  }

  /** Plans what was put off, and makes every singleton that is needed. */
  construct(): void {
    this.#planLater();
    for (const node of this.#needed) {
      if (node.scope === "singleton") node.get(this.app);
    }
  }

  /** Finds the object that a token stands for, for the application or for a request. */
  resolve<T>(token: Token<T>, host: Host = this.app): T {
    const node = this.node(token, "resolve()");
    this.#planLater();
    return node.get(host) as T;
  }

  /** Begins a request that has objects of its own. */
  request(context: Context): Host {
    const host: Host = new Host(() => {
      const container = this.app.container.createChildContainer();
      this.#hosts.set(container, host);
      return container;
    }, context);
    return host;
  }

  #planLater(): void {
    for (let next = this.#later.shift(); next !== undefined; next = this.#later.shift()) {
      this.node(next.token, next.from);
    }
  }

  #plan(token: Token, from: string): Node {
    if (this.#path.includes(token)) {
      const names = [...this.#path.slice(this.#path.indexOf(token)), token].map(tokenName);
      throw new SluiceError(
        "ERR_CYCLE",
        `${names.join(" -> ")}: they need each other. Move what both need into a third class, or inject one of them with tsyringe's @inject(delay(() => ${names[0]!})).`,
      );
    }
    this.#path.push(token);
    try {
      const provider = this.#providers.get(token);
      if (provider !== undefined) return this.#add(token, this.#provided(provider));
      if (this.#held.has(token)) return this.#heldNode(token);
      return this.#add(token, this.#unprovided(token, from));
    } finally {
      this.#path.pop();
    }
  }

  #provided(provider: ProviderObject): Node {
    const label = tokenName(provider.provide);
    if ("useValue" in provider) {
      const make = () => provider.useValue;
      const scope = "singleton";
      return createNode(this.app, { label, scope, dependencies: [], owned: false, make });
    }
    if ("useFactory" in provider) {
      return createNode(this.app, {
        label,
        scope: provider.scope ?? "singleton",
        dependencies: [],
        owned: true,
        make: (host) => provider.useFactory((token) => this.resolve(token, host)),
      });
    }
    const { useClass } = provider;
    return this.#made(
      useClass === provider.provide ? label : `${label} (${tokenName(useClass)})`,
      useClass,
      provider.scope ?? scopeOf(useClass) ?? "singleton",
    );
  }

  #unprovided(token: Token, from: string): Node {
    if (!isClass(token)) {
      throw new SluiceError(
        "ERR_NO_PROVIDER",
        `Nothing provides ${tokenName(token)}, which ${from} needs. List { provide: ${tokenName(token)}, useValue | useClass | useFactory } in providers.`,
      );
    }
    const label = tokenName(token);
    if (this.#isOurs(token)) return this.#made(label, token, scopeOf(token));
    if (isTsyringeClass(token)) {
      // tsyringe makes it, as often as it is asked for, of the same objects as everything else.
      const { dependencies } = planConstructor(this, token);
      const make = (host: Host) => resolveFrom(host.container, token);
      return createNode(this.app, { label, scope: "transient", dependencies, owned: false, make });
    }
    throw new SluiceError(
      "ERR_NOT_INJECTABLE",
      `${label}, which ${from} needs, is not injectable. Add @Injectable() to ${label}, or list it or { provide: ${label}, ... } in providers.`,
    );
  }

  #made(label: string, target: Class, scope: Scope | undefined): Node {
    const { dependencies, make } = planConstructor(this, target);
    return createNode(this.app, { label, scope, dependencies, owned: true, make });
  }

  #heldNode(token: Token): Node {
    const node = this.#held.node(this.app, token);
    this.#nodes.set(token, node);
    const outer = this.#guessing;
    this.#guessing = true;
    try {
      for (const needed of this.#held.needs(token)) this.#guess(needed, tokenName(token));
    } finally {
      this.#guessing = outer;
    }
    return node;
  }

  /** Plans a class that the parent may ask for, unless it knows another way to make its object. */
  #guess(target: Class, from: string): void {
    if (!this.#isOurs(target)) return;
    try {
      this.node(target, from);
    } catch (error) {
      // If it is asked for after all, tsyringe says what is wrong with it.
      if (!(error instanceof SluiceError)) throw error;
    }
  }

  /** Keeps a node, and lets tsyringe find it for those that it makes itself. */
  #add(token: Token, node: Node): Node {
    this.#nodes.set(token, node);
    // A class that tsyringe makes is found by tsyringe.
    if (node.owned || !isClass(token) || this.#providers.has(token)) {
      registerFinder(this.app.container, token, (container) => {
        this.#held.asked(node);
        return node.get(this.#hosts.get(container) ?? this.app);
      });
    }
    return node;
  }

  #isOurs(token: unknown): token is Class {
    return this.#listed.has(token) || isMarked(token);
  }
}
