/** Every code of {@link LmdbError}. The package's README says what each asks for. */
export const LMDB_ERROR_CODES = ["ERR_FORMAT", "ERR_IN_USE", "ERR_OPEN"] as const;

export type LmdbErrorCode = (typeof LMDB_ERROR_CODES)[number];

/** Why a history can't be opened; thrown when the broker is made. */
export class LmdbError extends Error {
  override readonly name = "LmdbError";
  readonly code: LmdbErrorCode;

  constructor(code: LmdbErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
