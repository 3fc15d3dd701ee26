import { SluiceError } from "../errors.js";
import type { Scope } from "./provider.js";

/** How long what a token stands for lives. */
export interface Binding {
  readonly scope: Scope;
  /** It lives for a request, or is made of something that does. */
  readonly perRequest: boolean;
  /** The names on the way to what lives for a request, its own first. */
  readonly path: readonly string[];
}

/**
 * Decides how long an object lives.
 *
 * @param said - undefined for a singleton that gives way to what it needs: one for each request then
 * @throws SluiceError `ERR_SCOPE` when a singleton needs what lives for a request
 */
export function bind(label: string, said: Scope | undefined, needs: readonly Binding[]): Binding {
  const through = needs.find(({ perRequest }) => perRequest);
  if (said === "singleton" && through !== undefined) {
    throw new SluiceError(
      "ERR_SCOPE",
      `${label} is a singleton and needs ${through.path.at(-1)!}, which lives for one request: ${[label, ...through.path].join(" -> ")}. It would keep that of the first request. Give ${label} the scope "request", or hand the value to its methods.`,
    );
  }
  const scope = said ?? (through === undefined ? "singleton" : "request");
  return {
    scope,
    perRequest: scope === "request" || through !== undefined,
    path: said === "request" ? [label] : [label, ...(through?.path ?? [])],
  };
}
