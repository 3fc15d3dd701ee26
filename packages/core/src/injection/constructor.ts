import {
  constructorParameters,
  delayedClass,
  resolveFrom,
  type ConstructorParameter,
} from "../container.js";
import { SluiceError } from "../errors.js";
import type { Graph } from "./graph.js";
import type { Host } from "./host.js";
import type { Node } from "./node.js";
import { tokenName, type Class, type Token } from "./provider.js";

/** How to make an object of a class, and of what. */
export interface Constructor {
  readonly dependencies: readonly Node[];
  readonly make: (host: Host) => object;
}

interface Argument {
  readonly node?: Node;
  readonly get: (host: Host) => unknown;
}

/** Types that say nothing of what is wanted. */
const PLAIN = new Set<unknown>([String, Number, Boolean, BigInt, Symbol, Array, Function, Promise]);

const nothing: Argument = { get: () => undefined };

/**
 * Plans what a class's constructor takes.
 *
 * @throws SluiceError `ERR_NO_METADATA`, `ERR_NOT_INJECTABLE`, and what {@link Graph.node} throws
 */
export function planConstructor(graph: Graph, target: Class): Constructor {
  const parameters = constructorParameters(target);
  if (parameters === undefined) {
    const name = tokenName(target);
    throw new SluiceError(
      "ERR_NO_METADATA",
      `${name} has constructor parameters, but nothing is known of their types. It needs a decorator such as @Injectable(), and a compiler that emits decorator metadata ("emitDecoratorMetadata" of tsc; esbuild and tsx emit none).`,
    );
  }
  const args = parameters.map((parameter, index) =>
    planArgument(graph, parameter, `${tokenName(target)}: constructor parameter ${index + 1}`),
  );
  const getters = args.map(({ get }) => get);
  const make = target as new (...args: readonly unknown[]) => object;
  return {
    dependencies: args.flatMap(({ node }) => node ?? []),
    make: (host) => new make(...getters.map((get) => get(host))),
  };
}

function planArgument(graph: Graph, parameter: ConstructorParameter, from: string): Argument {
  const { token, optional, find } = parameter;
  const delayed = delayedClass(token);
  if (delayed !== undefined) {
    graph.later(delayed as Token, from);
    return { get: (host) => resolveFrom(host.container, token as Token) };
  }
  if (optional && find === undefined && !graph.has(token)) return nothing;
  if (find !== undefined) {
    return graph.has(token)
      ? { node: graph.node(token as Token, from), get: (host) => find(host.container) }
      : { get: (host) => find(host.container) };
  }
  refuseTypesThatSayNothing(graph, token, from);
  const node = graph.node(token, from);
  return { node, get: (host) => node.get(host) };
}

function refuseTypesThatSayNothing(
  graph: Graph,
  token: unknown,
  from: string,
): asserts token is Token {
  const remedy =
    "Give it a token, @Inject(TOKEN), and list { provide: TOKEN, useValue | useClass | useFactory } in providers.";
  if (token === undefined || token === null || token === Object) {
    throw new SluiceError(
      "ERR_NOT_INJECTABLE",
      `${from} has no class as its type: it is an interface, a union, or a class that a circular import has not loaded yet. ${remedy}`,
    );
  }
  if (PLAIN.has(token) && !graph.has(token)) {
    throw new SluiceError(
      "ERR_NOT_INJECTABLE",
      `${from} has the type ${tokenName(token)}, of which nothing can be injected. ${remedy}`,
    );
  }
}
