import { SluiceError } from "../errors.js";
import type { Host } from "./host.js";
import type { Scope } from "./provider.js";

/** One object that can be injected, or one for each request or each that asks. */
export interface Node {
  /** What messages call it. */
  readonly label: string;
  readonly scope: Scope;
  /** It lives for a request, or is made of something that does. */
  readonly perRequest: boolean;
  /** Through what it came to live for a request; undefined where it says so itself. */
  readonly through: Node | undefined;
  /** Sluice made the object and calls its `dispose()`. */
  readonly owned: boolean;
  get(host: Host): unknown;
}

export interface NodeOptions {
  readonly label: string;
  /** Undefined for a singleton that gives way to what it needs: one for each request then. */
  readonly scope: Scope | undefined;
  readonly dependencies: readonly Node[];
  readonly owned: boolean;
  readonly make: (host: Host) => unknown;
}

/**
 * Decides how long an object lives, and makes it accordingly.
 *
 * @throws SluiceError `ERR_SCOPE` when a singleton needs what lives for a request
 */
export function createNode(app: Host, options: NodeOptions): Node {
  const { label, owned, make } = options;
  const through = options.dependencies.find(({ perRequest }) => perRequest);
  if (options.scope === "singleton" && through !== undefined) {
    const path = pathOf(through);
    throw new SluiceError(
      "ERR_SCOPE",
      `${label} is a singleton and needs ${path.at(-1)!}, which lives for one request: ${[label, ...path].join(" -> ")}. It would keep that of the first request. Give ${label} the scope "request", or hand the value to its methods.`,
    );
  }
  const scope = options.scope ?? (through === undefined ? "singleton" : "request");
  const perRequest = scope === "request" || through !== undefined;
  const node: Node = {
    label,
    scope,
    perRequest,
    through: scope === "request" && options.scope !== undefined ? undefined : through,
    owned,
    get:
      scope === "transient"
        ? make
        : scope === "singleton"
          ? () => app.once(node, () => make(app))
          : (host) => {
              if (host.context === undefined) throw outsideOfRequest(label);
              return host.once(node, () => make(host));
            },
  };
  return node;
}

/** The error of asking for an object of a request where there is none. */
function outsideOfRequest(label: string): SluiceError {
  return new SluiceError(
    "ERR_SCOPE",
    `${label} lives for one request and was asked for outside of one. Give what asks for it the scope "request" too.`,
  );
}

function pathOf(node: Node): string[] {
  return node.through === undefined ? [node.label] : [node.label, ...pathOf(node.through)];
}
