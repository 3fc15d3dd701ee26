/**
 * - `absent`: a subject is not installed. `unable`: it has no such stream. `failed`: it could not be
 *   measured for another reason.
 * - `usage`: the command line can't be understood.
 * - `results`: results that were to be read can't be used.
 * - `compiler`: the load client can't be compiled.
 */
export type BenchErrorCode = "absent" | "unable" | "failed" | "usage" | "results" | "compiler";

/** What is wrong, in one line. */
export class BenchError extends Error {
  override readonly name = "BenchError";

  /** @param message - of which the first line is kept */
  constructor(
    readonly code: BenchErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message.trim().split("\n", 1)[0]?.slice(0, 300), options);
  }
}

/** What a thrown value says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
