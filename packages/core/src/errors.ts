/** Every code that a {@link SluiceError} can carry. The package's README says what each asks for. */
export const SLUICE_ERROR_CODES = [
  "ERR_BROKER_CLOSED",
  "ERR_CHANNEL",
  "ERR_CHANNEL_ENDED",
  "ERR_CONTROLLER",
  "ERR_CYCLE",
  "ERR_DECORATOR",
  "ERR_DURATION",
  "ERR_GUARD",
  "ERR_INTERCEPTOR",
  "ERR_NO_METADATA",
  "ERR_NO_PROVIDER",
  "ERR_NOT_INJECTABLE",
  "ERR_NOT_STORED",
  "ERR_OPTION",
  "ERR_OUTCOME_UNKNOWN",
  "ERR_PARAMETER",
  "ERR_PROVIDER",
  "ERR_ROUTE_DUPLICATE",
  "ERR_RUN",
  "ERR_RUN_KEY",
  "ERR_RUN_LIMIT",
  "ERR_SCOPE",
  "ERR_SOURCE",
  "ERR_STREAM_IN_USE",
  "ERR_STREAM_OVERFLOW",
] as const;

export type SluiceErrorCode = (typeof SLUICE_ERROR_CODES)[number];

export interface SluiceErrorOptions {
  /** The error that led to this one. */
  readonly cause?: unknown;
  /** The status of the answer, where the error arises while a request is served. */
  readonly statusCode?: number;
}

/**
 * A mistake in how Sluice is used: most arise at the start, before a request is served.
 *
 * The message says what was wrong, where, and what to do; `code` is for programs. What a handler
 * or a guard wants to tell a client is an `HttpError`.
 */
export class SluiceError extends Error {
  override readonly name = "SluiceError";
  readonly code: SluiceErrorCode;
  /** Only there where the error has a status of its own; otherwise an answer with it is a 500. */
  declare readonly statusCode?: number;

  constructor(code: SluiceErrorCode, message: string, options: SluiceErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    if (options.statusCode !== undefined) this.statusCode = options.statusCode;
  }
}
