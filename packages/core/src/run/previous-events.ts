import type { Channel } from "../channel/channel.js";
import type { FramedEvent } from "../frame.js";

/** As many events as a run can have: all of them. */
const ALL = 1_000_000_000;

export const NO_EVENTS: AsyncIterable<never> = {
  [Symbol.asyncIterator]: async function* () {},
};

/** The events of a run that has ended, without their ids, which mean nothing in another. */
export function eventsOf(channel: Channel): AsyncIterable<FramedEvent<Record<string, unknown>>> {
  return {
    async *[Symbol.asyncIterator]() {
      for await (const { isControl, event } of channel.subscribe({ last: ALL })) {
        if (isControl) continue;
        const { id: _, ...rest } = event;
        yield rest;
      }
    },
  };
}
