/** Every code that an {@link SseClientError} can carry. The package's README says what each asks for. */
export const SSE_CLIENT_ERROR_CODES = [
  "ERR_CANCELLED",
  "ERR_DISCONNECTED",
  "ERR_EVENT_TOO_LARGE",
  "ERR_FAILED",
  "ERR_INVALID_EVENT",
  "ERR_NOT_A_STREAM",
  "ERR_OPTION",
  "ERR_REFUSED",
  "ERR_RESET",
  "ERR_SILENT",
  "ERR_UNAVAILABLE",
] as const;

export type SseClientErrorCode = (typeof SSE_CLIENT_ERROR_CODES)[number];

export interface SseClientErrorOptions {
  /** What led to this error. */
  readonly cause?: unknown;
  /** The status of the server's answer. */
  readonly status?: number | undefined;
  /** What a refusal said, where it was short. */
  readonly body?: string | undefined;
  /** What a refusal asked to wait, in milliseconds. */
  readonly retryAfter?: number | undefined;
}

/** Why a stream did not open, was lost, or has ended otherwise than complete. */
export class SseClientError extends Error {
  override readonly name = "SseClientError";
  readonly code: SseClientErrorCode;
  declare readonly status: number | undefined;
  declare readonly body: string | undefined;
  declare readonly retryAfter: number | undefined;

  constructor(code: SseClientErrorCode, message: string, options?: SseClientErrorOptions) {
    super(message, options);
    Object.assign(this, options);
    this.code = code;
  }
}
