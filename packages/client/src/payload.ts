import type { StandardSchemaV1 } from "@standard-schema/spec";
import { SseClientError } from "./errors.js";

/** Makes the data of an event out of its text. */
export type Parse<T> = (data: string) => T | Promise<T>;

/** Leaves the data of an event as the text that it is; for the option `parse`. */
export function text(data: string): string {
  return data;
}

/** Text that is no JSON is the string that it is: Sluice's servers send strings so. */
export function readJson(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return data;
  }
}

/**
 * Reads JSON that has to be what a schema says; for the option `parse`.
 *
 * @param schema - any Standard Schema: of Zod, Valibot, ArkType ...
 * @returns a function that gives what the schema makes of the data, and throws an `SseClientError` with the code
 * ERR_INVALID_EVENT and the schema's issues as its `cause`
 */
export function json<T>(schema: StandardSchemaV1<unknown, T>): Parse<T> {
  return (data) => {
    const checked = schema["~standard"].validate(readJson(data));
    return checked instanceof Promise ? checked.then(valueOf) : valueOf(checked);
  };
}

function valueOf<T>(result: StandardSchemaV1.Result<T>): T {
  if (result.issues === undefined) return result.value;
  const issues = result.issues.map(({ path = [], message }) => {
    const keys = path.map((key) => String(typeof key === "object" ? key.key : key));
    return [keys.join("."), message].filter(Boolean).join(": ");
  });
  throw new SseClientError(
    "ERR_INVALID_EVENT",
    `it is not what its schema says: ${issues.join("; ")}`,
    {
      cause: result.issues,
    },
  );
}
