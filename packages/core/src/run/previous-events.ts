import type { Channel } from "../channel/channel.js";
import type { FramedEvent } from "../frame.js";

/** As many events as a run can have: all of them. */
const ALL = 1_000_000_000;

/** A handler may take its time: what it reads does not grow. In milliseconds. */
const FOR_EVER = 2 ** 31 - 1;

export const NO_EVENTS: AsyncIterable<never> = {
  [Symbol.asyncIterator]: async function* () {},
};

/**
 * The events of a run that has ended, without their ids, which mean nothing in another.
 *
 * @param isKept - whether they are still there: of a channel that is gone, nothing would ever come, nor an end
 * @param reader - what ends the reading: the run that reads them
 */
export function eventsOf(
  channel: Channel,
  isKept: () => Promise<boolean>,
  reader: { readonly signal: AbortSignal },
): AsyncIterable<FramedEvent<Record<string, unknown>>> {
  return {
    async *[Symbol.asyncIterator]() {
      if (!(await isKept())) return;
      const events = channel.subscribe({
        last: ALL,
        overflow: "disconnect",
        stallTimeout: FOR_EVER,
        signal: reader.signal,
      });
      for await (const { isControl, event } of events) {
        if (isControl) continue;
        const { id: _, ...rest } = event;
        yield rest;
      }
    },
  };
}
