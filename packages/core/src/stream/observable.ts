import type { SseYield } from "@sluice/protocol";
import type { Frame } from "../frame.js";
import { ATTACH, type PushSource } from "./push-source.js";
import { SseStream } from "./sse-stream.js";

interface Observer<T> {
  next(value: T): void;
  error(error: unknown): void;
  complete(): void;
}

/** What rxjs and other observable libraries have in common. */
export interface ObservableLike<T> {
  subscribe(observer: Observer<T>): { unsubscribe(): void };
}

type Observed = SseYield | Frame;

/**
 * The observable behind a value: what its `Symbol.observable` method gives, or itself if it has
 * `subscribe`. Undefined when it is none.
 */
export function observableOf(value: object): ObservableLike<Observed> | undefined {
  // A library that was loaded before another defined the symbol goes by the string.
  for (const key of [(Symbol as { observable?: symbol }).observable, "@@observable"]) {
    const interop: unknown = key === undefined ? undefined : Reflect.get(value, key);
    const observable: unknown = typeof interop === "function" ? interop.call(value) : undefined;
    if (hasSubscribe(observable)) return observable;
  }
  return hasSubscribe(value) ? value : undefined;
}

function hasSubscribe(value: unknown): value is ObservableLike<Observed> {
  return (
    typeof value === "object" &&
    value !== null &&
    "subscribe" in value &&
    typeof value.subscribe === "function"
  );
}

/**
 * Subscribes when it is tied to a connection, and sends what comes. An observable can't be slowed
 * down, so what a slow client has not read waits in the bounded buffer of an {@link SseStream}.
 */
export function fromObservable(observable: ObservableLike<Observed>): PushSource {
  return {
    [ATTACH](sink) {
      const stream = new SseStream(sink.limits);
      if (sink.isClosed) return stream[ATTACH](sink);
      const subscription = observable.subscribe({
        next(value) {
          try {
            stream.send(value);
          } catch (error) {
            stream.fail(error);
          }
        },
        error: (error) => stream.fail(error),
        complete: () => stream.close(),
      });
      // Runs at once if all of it came while subscribing.
      stream.onClose(() => subscription.unsubscribe());
      // Only now: an error that came while subscribing is thrown here, and answered.
      return stream[ATTACH](sink);
    },
  };
}
