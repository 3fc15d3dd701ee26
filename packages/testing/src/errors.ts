/** Every code of {@link SseTestError}. */
export const SSE_TEST_ERROR_CODES = [
  "ERR_ADDRESS",
  "ERR_ENDED",
  "ERR_FAKED",
  "ERR_FAULT",
  "ERR_LEAK",
  "ERR_NOT_A_STREAM",
  "ERR_TIMEOUT",
] as const;

export type SseTestErrorCode = (typeof SSE_TEST_ERROR_CODES)[number];

/** What a test learns when a stream does not do what it waits for, and what a fault is made of. */
export class SseTestError extends Error {
  override readonly name = "SseTestError";
  readonly code: SseTestErrorCode;

  constructor(code: SseTestErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
