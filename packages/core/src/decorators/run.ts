import { SluiceError } from "../errors.js";
import { readRunOptions, type RunOptions, type RunSettings } from "../run/run-options.js";
import {
  chain,
  decoratedMethod,
  define,
  METADATA,
  type MethodDecorator,
  nearest,
  own,
  refuseBareOnMember,
} from "./metadata.js";

/**
 * Lets the method of an `@Sse` route run once for a key, apart from the connections: the first request
 * starts it, and all others for the same key join it, from the beginning or from where they were. It
 * goes on when they leave, and is kept for a while when it is done.
 *
 * The handler's signal is the run's, its `@LastEventId()` is always undefined, and the ids of its events
 * are given by Sluice.
 *
 * @throws SluiceError `ERR_OPTION`, `ERR_DURATION`, `ERR_DECORATOR`
 */
export function Run(options: RunOptions): MethodDecorator;
export function Run(options: RunOptions, method?: unknown): MethodDecorator {
  refuseBareOnMember("@Run", options, method, "@Run({ key: (ctx) => ... })");
  return (target, method, descriptor) => {
    const { prototype, name } = decoratedMethod("@Run", target, method, descriptor);
    if (own(METADATA.run, prototype, method) !== undefined) {
      throw new SluiceError("ERR_DECORATOR", `${name} has @Run twice. Keep one of them.`);
    }
    define(METADATA.run, readRunOptions(`${name}: @Run`, options), prototype, method);
  };
}

/** What `@Run` says of a method; of a base's, where an override does not say it. */
export function runOf(prototype: object, method: string | symbol): RunSettings | undefined {
  const owner = nearest(METADATA.run, prototype, method);
  return owner && own<RunSettings>(METADATA.run, owner, method);
}

/** The methods of a class and its bases that have `@Run`. */
export function methodsWithRun(prototype: object): Set<string | symbol> {
  const methods = chain(prototype).flatMap((link) =>
    Reflect.ownKeys(link).filter((method) => own(METADATA.run, link, method) !== undefined),
  );
  return new Set(methods);
}
