import { HttpError } from "../pipeline/http-error.js";

/** A run that is not started, for now: there are too many, or the server is closing. */
export class RunRefusedError extends HttpError {
  /** Which limit was reached, if it is one. */
  readonly limit: "runs" | "principal-runs" | undefined;

  constructor(
    status: 429 | 503,
    message: string,
    limit?: "runs" | "principal-runs",
    cause?: unknown,
  ) {
    const code = limit === undefined ? "ERR_RUN_REFUSED" : "ERR_LIMIT";
    super(status, message, cause === undefined ? { code } : { code, cause });
    this.limit = limit;
  }
}
