import {
  parametersOf,
  type NamedSource,
  type ParameterMetadata,
} from "../decorators/parameters.js";
import { METADATA, nearest, own } from "../decorators/metadata.js";
import { SluiceError } from "../errors.js";
import type { Context } from "./context.js";
import { conversionFor } from "./convert.js";
import { validate } from "./validate.js";

/** Finds one argument of a handler; it may be a promise. */
export type Extractor = (ctx: Context) => unknown;

export interface CompiledArguments {
  readonly extractors: readonly Extractor[];
  /** Those that come from the path, which every request for it has. */
  readonly ofPath: readonly Extractor[];
  /** Whether one of them is a cookie. */
  readonly usesCookies: boolean;
}

/**
 * Compiles what the decorators of a handler's parameters say.
 *
 * @throws SluiceError `ERR_PARAMETER` for a required parameter without a decorator
 */
export function compileArguments(
  name: string,
  prototype: object,
  method: string | symbol,
  handler: { readonly length: number },
): CompiledArguments {
  // An override without decorators keeps those of the base's parameters.
  const owner = nearest(METADATA.parameters, prototype, method);
  const parameters = owner === undefined ? [] : (parametersOf(owner, method) ?? []);
  const types = owner && own<readonly unknown[]>("design:paramtypes", owner, method);
  for (let index = 0; index < handler.length; index++) {
    if (parameters[index] !== undefined) continue;
    throw new SluiceError(
      "ERR_PARAMETER",
      `${name}: parameter ${index + 1} has no decorator, so it could only be undefined. Say what it is, with @Param, @Query, @Body or another, or give it a default value.`,
    );
  }
  if (types === undefined && parameters.some(needsType)) {
    throw new SluiceError(
      "ERR_NO_METADATA",
      `${name}: nothing is known of the types of its parameters, by which values are checked and converted. Use a compiler that emits decorator metadata ("emitDecoratorMetadata" of tsc; esbuild and tsx emit none), or give each parameter a schema.`,
    );
  }
  const extractors = Array.from(parameters, (parameter, index) =>
    parameter === undefined ? nothing : extractor(parameter, types?.[index], index),
  );
  return {
    extractors,
    ofPath: extractors.filter((_, index) => isOfPath(parameters[index])),
    usesCookies: parameters.some(
      (parameter) => parameter?.kind === "named" && parameter.source === "cookies",
    ),
  };
}

/**
 * The arguments of a call, without a promise where none of them is one.
 *
 * @throws what the first of them throws that can't be had
 */
export function gather(
  extractors: readonly Extractor[],
  ctx: Context,
): unknown[] | Promise<unknown[]> {
  const args: unknown[] = [];
  for (const extract of extractors) {
    const value = extract(ctx);
    // A reply of Fastify has a `then` too, and must not be awaited.
    if (value instanceof Promise) return gatherLater(args, value, extractors, ctx);
    args.push(value);
  }
  return args;
}

/** One after the other, so that no rejection is left alone when an earlier one ends the request. */
async function gatherLater(
  args: unknown[],
  first: Promise<unknown>,
  extractors: readonly Extractor[],
  ctx: Context,
): Promise<unknown[]> {
  args.push(await first);
  while (args.length < extractors.length) {
    const value = extractors[args.length]!(ctx);
    args.push(value instanceof Promise ? await value : value);
  }
  return args;
}

function isOfPath(parameter: ParameterMetadata | undefined): boolean {
  return parameter?.kind === "named" && parameter.source === "params";
}

function needsType(parameter: ParameterMetadata | undefined): boolean {
  return parameter?.kind === "named" && parameter.name !== undefined && !parameter.schema;
}

const nothing: Extractor = () => undefined;

function extractor(parameter: ParameterMetadata, type: unknown, index: number): Extractor {
  const { schema } = parameter;
  const { read, where, converts } = reader(parameter, index);
  if (schema !== undefined) {
    return (ctx) => {
      const value = read(ctx);
      return value instanceof Promise
        ? value.then((settled) => validate(schema, settled, where))
        : validate(schema, value, where);
    };
  }
  const convert = converts ? conversionFor(type) : undefined;
  return convert === undefined ? read : (ctx) => convert(read(ctx), where);
}

interface Reader {
  readonly read: Extractor;
  /** What messages call the value. */
  readonly where: string;
  /** Whether it comes from the client as a text that the parameter's type may change. */
  readonly converts: boolean;
}

function reader(parameter: ParameterMetadata, index: number): Reader {
  switch (parameter.kind) {
    case "custom":
      return { read: parameter.read, where: `parameter ${index + 1}`, converts: false };
    case "context": {
      const { key } = parameter;
      const read: Extractor = key === "ctx" ? (ctx) => ctx : (ctx) => ctx[key];
      return { read, where: key, converts: key === "lastEventId" };
    }
    case "named":
      return named(parameter.source, parameter.name);
  }
}

function named(source: NamedSource, name: string | undefined): Reader {
  if (name === undefined) {
    return { read: (ctx) => ctx[source], where: source, converts: source === "body" };
  }
  const key = source === "headers" ? name.toLowerCase() : name;
  const read: Extractor =
    source === "headers" && key === "last-event-id"
      ? (ctx) => (property(ctx.headers, key) === undefined ? undefined : ctx.lastEventId)
      : (ctx) => property(ctx[source], key);
  return { read, where: `${source}.${name}`, converts: true };
}

/** A property that the object has itself: a client must not reach a prototype by a name. */
function property(object: unknown, key: string): unknown {
  return typeof object === "object" && object !== null && Object.hasOwn(object, key)
    ? (object as Record<string, unknown>)[key]
    : undefined;
}
