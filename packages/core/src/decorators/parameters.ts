import type { StandardSchemaV1 } from "@standard-schema/spec";
import { SluiceError } from "../errors.js";
import type { Context } from "../pipeline/context.js";
import { isSchema } from "../pipeline/validate.js";
import { define, METADATA, methodName, own, refuseBareOnMember } from "./metadata.js";

/** A decorator of a handler's parameter. */
export type ParameterDecorator = (
  target: object,
  method: string | symbol | undefined,
  index: number,
) => void;

/** The places of a request that have named values. */
export type NamedSource = "params" | "query" | "headers" | "body" | "cookies";

/** What a parameter decorator leaves on a method. */
export type ParameterMetadata = { readonly schema: StandardSchemaV1 | undefined } & (
  | { readonly kind: "named"; readonly source: NamedSource; readonly name: string | undefined }
  | { readonly kind: "context"; readonly key: ContextKey }
  | { readonly kind: "custom"; readonly read: (ctx: Context) => unknown }
);

/** What a parameter can be of the context itself; `ctx` is the whole of it. */
export type ContextKey = "request" | "reply" | "ip" | "lastEventId" | "signal" | "ctx";

/** Takes a name, a schema, or both. */
export interface NamedParameterDecorator {
  /**
   * @param name - which value; without it, all of them as one object
   * @param schema - checks the value and may change it; without it, a parameter of type `number` or
   *   `boolean` is converted
   * @throws SluiceError `ERR_DECORATOR`
   */
  (name?: string, schema?: StandardSchemaV1): ParameterDecorator;
  (schema: StandardSchemaV1): ParameterDecorator;
}

/** A parameter of the path, decoded. */
export const Param = named("@Param", "params");
/** A value of the query. */
export const Query = named("@Query", "query");
/** A header of the request; the name's case does not matter. */
export const Headers = named("@Headers", "headers");
/** The body, or a field of it. */
export const Body = named("@Body", "body");
/** A cookie. */
export const Cookies = named("@Cookies", "cookies");

/** The framework's own request. */
export const Req = fromContext("@Req", "request");
/** The framework's own reply. */
export const Reply = fromContext("@Reply", "reply");
/** The client's address. */
export const Ip = fromContext("@Ip", "ip");
/** The id of the last event that the client has seen, or undefined at a first connect. */
export const LastEventId = fromContext("@LastEventId", "lastEventId");
/** A signal that is aborted when the connection closes. */
export const Signal = fromContext("@Signal", "signal");
/** The whole context. */
export const Ctx = fromContext("@Ctx", "ctx");

/**
 * Makes a parameter decorator of your own. One that needs no data is called without:
 * `const User = createParamDecorator((_, ctx) => ctx.query.user)`, and then `@User()`.
 *
 * @param read - finds the value; a promise is awaited
 * @returns a decorator that takes the data for `read`, and a schema to check the value with
 */
export function createParamDecorator<Data = undefined>(
  read: (data: Data, ctx: Context) => unknown,
): (
  ...args: undefined extends Data
    ? [data?: Data, schema?: StandardSchemaV1]
    : [data: Data, schema?: StandardSchemaV1]
) => ParameterDecorator {
  return (...[data, schema]) =>
    parameter("A decorator of createParamDecorator", schema, {
      kind: "custom",
      schema,
      read: (ctx) => read(data as Data, ctx),
    });
}

/** What the decorators of a method's parameters say, by index, with gaps. */
export function parametersOf(
  prototype: object,
  method: string | symbol,
): readonly (ParameterMetadata | undefined)[] | undefined {
  return own(METADATA.parameters, prototype, method);
}

function named(decorator: string, source: NamedSource): NamedParameterDecorator {
  return (first?: string | StandardSchemaV1, second?: StandardSchemaV1) => {
    if (typeof first !== "string") refuseBareOnMember(decorator, first, second);
    const isName = typeof first === "string" || first === undefined;
    return parameter(decorator, isName ? second : first, {
      kind: "named",
      source,
      name: isName ? first : undefined,
      schema: isName ? second : first,
    });
  };
}

function fromContext(
  decorator: string,
  key: ContextKey,
): (schema?: StandardSchemaV1) => ParameterDecorator {
  return (schema, ...more: readonly unknown[]) => {
    refuseBareOnMember(decorator, schema, more[0]);
    return parameter(decorator, schema, { kind: "context", key, schema });
  };
}

function parameter(
  decorator: string,
  schema: unknown,
  metadata: ParameterMetadata,
): ParameterDecorator {
  return (target, method, index) => {
    if (method === undefined || typeof target === "function") {
      throw new SluiceError(
        "ERR_DECORATOR",
        `${decorator} belongs on a parameter of a handler, which is a method of instances. For the constructor there is @Inject.`,
      );
    }
    const where = `${methodName(target.constructor, method)}, parameter ${index + 1}`;
    if (schema !== undefined && !isSchema(schema)) {
      throw new SluiceError(
        "ERR_DECORATOR",
        `${where}: ${decorator} takes ${metadata.kind === "named" ? "a name and " : ""}a schema that follows the Standard Schema, such as one of zod, valibot or arktype.`,
      );
    }
    const list = [...(parametersOf(target, method) ?? [])];
    if (list[index] !== undefined) {
      throw new SluiceError("ERR_DECORATOR", `${where} has two decorators. Keep one of them.`);
    }
    list[index] = metadata;
    define(METADATA.parameters, list, target, method);
  };
}
