import { globalContainer, isTsyringeClass, key, type DependencyContainer } from "../container.js";
import { SluiceError } from "../errors.js";
import type { Context } from "../pipeline/context.js";
import { bind, type Binding } from "./binding.js";
import { planConstructor } from "./constructor.js";
import { Host } from "./host.js";
import { isMarked, scopeOf } from "./marks.js";
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
  readonly parent: DependencyContainer;
  readonly app: Host;
  readonly #bindings = new Map<Token, Binding>();
  readonly #providers = new Map<unknown, ProviderObject>();
  readonly #listed = new Set<unknown>();
  readonly #later: (() => void)[] = [];
  /** What is being planned or made. */
  readonly #path: Token[] = [];

  constructor(parent: DependencyContainer = globalContainer) {
    this.parent = parent;
    this.app = new Host(parent, "application");
    this.#bindings.set(REQUEST_CONTEXT, bind("REQUEST_CONTEXT", "request", []));
    this.app.container.register(REQUEST_CONTEXT, {
      useFactory: () => {
        throw outsideOfRequest("REQUEST_CONTEXT");
      },
    });
  }

  /**
   * Takes the application's own providers. The last one for a token counts, also before what the
   * parent holds; a class alone gives way to the parent.
   *
   * @throws SluiceError `ERR_PROVIDER`, and what {@link plan} throws
   */
  provide(providers: readonly Provider[]): void {
    for (const [index, provider] of providers.entries()) {
      checkProvider(provider, index);
      if (isClass(provider)) this.#listed.add(provider);
      else this.#providers.set(provider.provide, provider);
    }
    for (const token of [...this.#listed, ...this.#providers.keys()]) {
      this.plan(token as Token, "the providers");
    }
  }

  /**
   * Finds out what a token stands for and what that needs, and registers it.
   *
   * @param from - who asks, for errors
   * @throws SluiceError `ERR_NOT_INJECTABLE`, `ERR_NO_PROVIDER`, `ERR_NO_METADATA`, `ERR_SCOPE`,
   *   `ERR_CYCLE`
   */
  plan(token: Token, from: string): Binding {
    const known = this.#bindings.get(token);
    if (known !== undefined) return known;
    const binding = this.#within(token, () => this.#register(token, from));
    this.#bindings.set(token, binding);
    return binding;
  }

  /** Plans a token once all that is being planned is done: the way out of a cycle. */
  planLater(token: Token, from: string): void {
    this.#later.push(() => this.plan(token, from));
  }

  /**
   * Plans a class that was named for what it does, as a controller, a guard or an interceptor is: it
   * needs no `@Injectable`.
   */
  planNamed(target: Class, from: string): Binding {
    this.#listed.add(target);
    return this.plan(target, from);
  }

  /** Whether a token stands for anything. */
  has(token: unknown): boolean {
    return (
      this.#bindings.has(token as Token) ||
      this.#providers.has(token) ||
      this.isHeld(token) ||
      this.#isOurs(token) ||
      (isClass(token) && isTsyringeClass(token))
    );
  }

  /** Whether the parent is to be asked for a token: it makes its objects of what it holds itself. */
  isHeld(token: unknown): boolean {
    return !this.#providers.has(token) && this.parent.isRegistered(key(token as Token), true);
  }

  /** Makes every singleton. */
  construct(): void {
    this.#planRest();
    for (const [token, { scope }] of this.#bindings) {
      if (scope === "singleton" && !this.isHeld(token)) this.app.container.resolve(key(token));
    }
  }

  /** Finds the object that a token stands for, for the application or for a request. */
  resolve<T>(token: Token<T>, container: DependencyContainer = this.app.container): T {
    this.plan(token, "resolve()");
    this.#planRest();
    return (this.isHeld(token) ? this.parent : container).resolve(key(token));
  }

  /** Begins a request that has objects of its own. */
  request(context: Context): Host {
    const host = new Host(this.app.container, "request");
    host.container.register(REQUEST_CONTEXT, { useValue: context });
    return host;
  }

  #planRest(): void {
    for (let next = this.#later.shift(); next !== undefined; next = this.#later.shift()) next();
  }

  #within<T>(token: Token, run: () => T): T {
    if (this.#path.includes(token)) {
      const names = [...this.#path.slice(this.#path.indexOf(token)), token].map(tokenName);
      throw new SluiceError(
        "ERR_CYCLE",
        `${names.join(" -> ")}: they need each other. Move what both need into a third, or inject one that is a class with tsyringe's @inject(delay(() => TheClass)).`,
      );
    }
    this.#path.push(token);
    try {
      return run();
    } finally {
      this.#path.pop();
    }
  }

  #register(token: Token, from: string): Binding {
    const label = tokenName(token);
    const provider = this.#providers.get(token);
    if (provider === undefined) {
      if (this.isHeld(token)) return bind(label, "singleton", []);
      return this.#registerClass(token, label, from, ...this.#unprovided(token, from));
    }
    if ("useValue" in provider) {
      // Not tsyringe's own `useValue`, which takes undefined for no provider.
      this.app.container.register(key(token), { useFactory: () => provider.useValue });
      return bind(label, "singleton", []);
    }
    if ("useFactory" in provider) {
      const binding = bind(label, provider.scope ?? "singleton", []);
      return this.#registerFactory(token, binding, (container) =>
        provider.useFactory((needed) => this.resolve(needed, container)),
      );
    }
    const { useClass, scope = scopeOf(useClass) ?? "singleton" } = provider;
    const alias = useClass === token ? label : `${label} (${tokenName(useClass)})`;
    return this.#registerClass(token, alias, from, useClass, scope);
  }

  #unprovided(token: Token, from: string): [target: Class, scope: Scope | undefined] {
    const label = tokenName(token);
    if (!isClass(token)) {
      throw new SluiceError(
        "ERR_NO_PROVIDER",
        `Nothing provides ${label}, which ${from} needs. List { provide: ${label}, useValue | useClass | useFactory } in providers.`,
      );
    }
    if (this.#isOurs(token)) return [token, scopeOf(token)];
    if (isTsyringeClass(token)) return [token, "transient"];
    throw new SluiceError(
      "ERR_NOT_INJECTABLE",
      `${label}, which ${from} needs, is not injectable. Add @Injectable() to ${label}, or list it or { provide: ${label}, ... } in providers.`,
    );
  }

  #registerClass(
    token: Token,
    label: string,
    from: string,
    target: Class,
    scope: Scope | undefined,
  ): Binding {
    const { needs, make } = planConstructor(this, target, from);
    return this.#registerFactory(token, bind(label, scope, needs), make);
  }

  /** A factory hands on what a constructor throws; tsyringe's own making of objects wraps it. */
  #registerFactory(
    token: Token,
    binding: Binding,
    make: (container: DependencyContainer) => unknown,
  ): Binding {
    const makeOne = (container: DependencyContainer) => this.#within(token, () => make(container));
    this.app.container.register(key(token), {
      useFactory: (container) => {
        if (binding.scope === "transient") return makeOne(container);
        if (binding.scope === "singleton") return this.app.once(token, makeOne);
        const host = container.resolve(Host);
        if (host === this.app) throw outsideOfRequest(binding.path[0]!);
        return host.once(token, makeOne);
      },
    });
    return binding;
  }

  #isOurs(token: unknown): token is Class {
    return this.#listed.has(token) || isMarked(token);
  }
}

/** The error of asking for an object of a request where there is none. */
function outsideOfRequest(label: string): SluiceError {
  return new SluiceError(
    "ERR_SCOPE",
    `${label} lives for one request and was asked for outside of one. Give what asks for it the scope "request" too.`,
  );
}
