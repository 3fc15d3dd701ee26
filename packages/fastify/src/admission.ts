import type { FastifyRequest } from "fastify";
import type { Counted, Limits } from "./limits.js";

/** Whom a request is for; undefined, null or "" for nobody in particular. */
export type PrincipalOf = (
  request: FastifyRequest,
) => string | null | undefined | Promise<string | null | undefined>;

/** One connection's places under the limits. It gives them back once. */
export class Admission {
  readonly #limits: Limits;
  readonly #counted: Counted;
  readonly #most: number | undefined;
  #state: "out" | "in" | "named" = "out";

  /** @param most - how many connections its route may have */
  constructor(limits: Limits, counted: Counted, most: number | undefined) {
    this.#limits = limits;
    this.#counted = counted;
    this.#most = most;
  }

  /** @throws LimitError */
  enter(): void {
    this.#limits.enter(this.#counted, this.#most);
    this.#state = "in";
  }

  /** @throws LimitError */
  enterPrincipal(): void {
    // Its client may have left meanwhile.
    if (this.#state !== "in") return;
    this.#limits.enterPrincipal(this.#counted);
    this.#state = "named";
  }

  leave(): void {
    if (this.#state === "out") return;
    this.#limits.leave(this.#counted, this.#most, this.#state === "named");
    this.#state = "out";
  }
}
