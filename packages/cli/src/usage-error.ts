/** A command that can't be carried out as it is written. Its message never holds a value that may be secret. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly code = "ERR_USAGE";
}
