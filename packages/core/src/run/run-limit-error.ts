import { HttpError } from "../pipeline/http-error.js";

/** Which limit on runs was reached. */
export type RunLimitName = "runs" | "principal-runs";

/** A request for a run that is not started, because there are too many. */
export class RunLimitError extends HttpError {
  readonly limit: RunLimitName;

  constructor(limit: RunLimitName) {
    const isOwn = limit === "principal-runs";
    const message = isOwn ? "Too many runs of yours." : "Too many runs; try again later.";
    super(isOwn ? 429 : 503, message, { code: "ERR_LIMIT" });
    this.limit = limit;
  }
}
