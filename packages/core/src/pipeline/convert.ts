import { ValidationError } from "./validate.js";

/** Turns a value of a request into the type that the handler's parameter has. */
export type Convert = (value: unknown, where: string) => unknown;

const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * The conversion for a parameter's type, as the compiler left it in the metadata.
 *
 * Compilers differ in what they leave for aliases, unions and enums. Whatever is not plainly one of
 * the three primitive types is handed on as it is.
 */
export function conversionFor(type: unknown): Convert | undefined {
  if (type === String) return toText;
  if (type === Number) return toNumber;
  return type === Boolean ? toBoolean : undefined;
}

function toText(value: unknown, where: string): unknown {
  if (value === undefined || typeof value === "string") return value;
  return refuse(value, where, "a text");
}

function toNumber(value: unknown, where: string): unknown {
  if (value === undefined || typeof value === "number") return value;
  if (typeof value === "string" && DECIMAL.test(value)) {
    const number = Number(value);
    if (Number.isFinite(number)) return number;
  }
  return refuse(value, where, "a number");
}

function toBoolean(value: unknown, where: string): unknown {
  if (value === undefined || typeof value === "boolean") return value;
  if (value === "true" || value === "1") return true;
  if (value === "false" || value === "0") return false;
  return refuse(value, where, "true or false");
}

function refuse(value: unknown, where: string, wanted: string): never {
  const message = Array.isArray(value)
    ? `must be ${wanted}, but it was given more than once`
    : `must be ${wanted}`;
  throw new ValidationError([{ path: where, message }]);
}
