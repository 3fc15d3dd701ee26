import { constructorParameters, delayedClass, type DependencyContainer } from "../container.js";
import { SluiceError } from "../errors.js";
import type { Binding } from "./binding.js";
import type { Graph } from "./graph.js";
import { tokenName, type Class, type Token } from "./provider.js";

/** Types that say nothing of what is wanted. */
const PLAIN = new Set<unknown>([String, Number, Boolean, BigInt, Symbol, Array, Function, Promise]);

/**
 * Plans what a class's constructor takes.
 *
 * @param from - who asks for the class, for errors
 * @returns what the class needs, and how to make an object of it with a container
 * @throws SluiceError `ERR_NO_METADATA`, `ERR_NOT_INJECTABLE`, and what {@link Graph.plan} throws
 */
export function planConstructor(graph: Graph, target: Class, from: string) {
  const name = tokenName(target);
  const parameters = constructorParameters(target);
  if (parameters === undefined) {
    throw new SluiceError(
      "ERR_NO_METADATA",
      `${name} (for ${from}) has constructor parameters, but nothing is known of their types. It needs a decorator such as @Injectable(), and a compiler that emits decorator metadata ("emitDecoratorMetadata" of tsc; esbuild and tsx emit none).`,
    );
  }
  const needs: Binding[] = [];
  const args = parameters.map(({ token, optional, missing, find }, index) => {
    const at = `${name}: constructor parameter ${index + 1}`;
    const delayed = delayedClass(token);
    if (delayed !== undefined) graph.planLater(delayed as Token, at);
    else if (optional && !graph.has(token)) return () => missing;
    else {
      checkType(graph, token, at);
      needs.push(graph.plan(token, at));
    }
    return graph.isHeld(delayed ?? token) ? () => find(graph.parent) : find;
  });
  const constructor = target as new (...args: readonly unknown[]) => object;
  const make = (container: DependencyContainer) =>
    new constructor(...args.map((find) => find(container)));
  return { needs, make };
}

function checkType(graph: Graph, token: unknown, from: string): asserts token is Token {
  const wrong =
    token === undefined || token === null || token === Object
      ? "no class as its type: it is an interface, a union, a class imported with `import type`, or one that a circular import has not loaded yet"
      : PLAIN.has(token) && !graph.has(token)
        ? `the type ${tokenName(token)}, of which nothing can be injected${token === Function ? " (a class imported with `import type` leaves it too: import it as a value)" : ""}`
        : undefined;
  if (wrong === undefined) return;
  throw new SluiceError(
    "ERR_NOT_INJECTABLE",
    `${from} has ${wrong}. Give it a token, @Inject(TOKEN), and list { provide: TOKEN, useValue | useClass | useFactory } in providers.`,
  );
}
