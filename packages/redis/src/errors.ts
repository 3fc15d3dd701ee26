/** Every code of {@link RedisBrokerError}. The package's README says what each asks for. */
export const REDIS_ERROR_CODES = [
  "ERR_REDIS_DEADLINE",
  "ERR_REDIS_OFFLINE",
  "ERR_REDIS_REPLY",
] as const;

export type RedisErrorCode = (typeof REDIS_ERROR_CODES)[number];

/** Why a command brought nothing. Publishing tells what became of the event instead. */
export class RedisBrokerError extends Error {
  override readonly name = "RedisBrokerError";
  readonly code: RedisErrorCode;

  constructor(code: RedisErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
