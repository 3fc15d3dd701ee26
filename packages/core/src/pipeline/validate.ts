import type { StandardSchemaV1 } from "@standard-schema/spec";
import { HttpError } from "./http-error.js";
import { isPromise } from "./is-promise.js";

/** One thing that is wrong with the input. */
export interface ValidationIssue {
  /** Where it stands, as in `"body.user.email"`. */
  readonly path: string;
  readonly message: string;
}

/** The code of an answer to input that is not what a handler asks for. */
export const ERR_VALIDATION = "ERR_VALIDATION";

/** How many issues are kept, how many of them the message tells, and how long each may be. */
const MOST_ISSUES = 100;
const MOST_IN_MESSAGE = 5;
const LONGEST_ISSUE = 200;

/** The input is not what the handler asks for: status 400, and what is wrong with which field. */
export class ValidationError extends HttpError {
  override readonly name = "ValidationError";
  declare readonly code: typeof ERR_VALIDATION;
  /** At most 100. */
  readonly issues: readonly ValidationIssue[];

  constructor(issues: readonly ValidationIssue[]) {
    super(400, tell(issues), { code: ERR_VALIDATION });
    this.issues = issues.slice(0, MOST_ISSUES);
  }
}

/** Whether a value is a schema of any library that follows the standard; some are functions. */
export function isSchema(value: unknown): value is StandardSchemaV1 {
  return (
    (typeof value === "object" || typeof value === "function") &&
    value !== null &&
    "~standard" in value
  );
}

/**
 * Checks a value.
 *
 * @param where - what the value is called, as in `"query"` or `"query.userId"`
 * @returns what the schema made of the value
 * @throws ValidationError
 */
export function validate(schema: StandardSchemaV1, value: unknown, where: string): unknown {
  const result = schema["~standard"].validate(value);
  return isPromise(result)
    ? result.then((settled) => unwrap(settled, where))
    : unwrap(result, where);
}

function unwrap(result: StandardSchemaV1.Result<unknown>, where: string): unknown {
  if (!result.issues) return result.value;
  throw new ValidationError(
    result.issues.map(({ message, path }) => ({ path: [where, ...keys(path)].join("."), message })),
  );
}

function keys(path: StandardSchemaV1.Issue["path"]): string[] {
  return (path ?? []).map((segment) => String(typeof segment === "object" ? segment.key : segment));
}

function tell(issues: readonly ValidationIssue[]): string {
  const told = issues
    .slice(0, MOST_IN_MESSAGE)
    .map(({ path, message }) => shorten(`${path}: ${message}`));
  const rest = issues.length - told.length;
  return told.join("; ") + (rest > 0 ? `; and ${rest} more` : "");
}

function shorten(text: string): string {
  return text.length <= LONGEST_ISSUE ? text : `${text.slice(0, LONGEST_ISSUE - 3)}...`;
}
