/** Shows an intersection or a mapped type as the object that it amounts to. */
export type Simplify<T> = { [K in keyof T]: T[K] } & {};

/**
 * A type as it is after JSON.stringify and JSON.parse: the result of `toJSON`, without functions, symbols and members
 * that are undefined. What throws (a bigint) is never.
 */
export type Jsonify<T> = unknown extends T
  ? T
  : T extends { toJSON(...args: never[]): infer R }
    ? Jsonify<R>
    : T extends string | number | boolean | null
      ? T
      : T extends Dropped | bigint
        ? never
        : T extends readonly unknown[]
          ? JsonArray<T>
          : T extends ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>
            ? Record<string, never>
            : JsonObject<T>;

/** What JSON leaves out of an object, and writes as null in an array. */
type Dropped =
  | undefined
  | symbol
  | ((...args: never[]) => unknown)
  | (abstract new (...args: never[]) => unknown);

type JsonArray<T extends readonly unknown[]> = { -readonly [K in keyof T]: JsonElement<T[K]> };

type JsonElement<T> = unknown extends T
  ? T
  : Jsonify<Exclude<T, Dropped>> | (Extract<T, Dropped> extends never ? never : null);

type JsonObject<T> = Simplify<
  { -readonly [K in keyof T as KeptKey<T, K, false>]: Jsonify<T[K]> } & {
    -readonly [K in keyof T as KeptKey<T, K, true>]?: Jsonify<Exclude<T[K], Dropped>>;
  }
>;

// The key, if its member survives; `Optional` picks those that may be missing afterwards from those that are not.
type KeptKey<T, K extends keyof T, Optional extends boolean> = K extends symbol
  ? never
  : unknown extends T[K]
    ? Optional extends true
      ? never
      : K
    : [Exclude<T[K], Dropped>] extends [never]
      ? never
      : MayBeDropped<T[K]> extends Optional
        ? K
        : never;

type MayBeDropped<V> = [Extract<V, Dropped>] extends [never] ? false : true;
