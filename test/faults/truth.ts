import type { Broker, Publication } from "@sluice/core";

/** An event that is stored in a channel. */
export interface Stored {
  readonly id: string;
  /** As a client gets it. */
  readonly data: string;
}

/** Where a cursor stands. */
export interface Place {
  readonly channel: string;
  readonly index: number;
}

/** What each channel holds, in its order, from the first event on. */
export class Truth {
  readonly #channels = new Map<string, Stored[]>();
  readonly #places = new Map<string, Place>();

  /** Notes what a broker stores, which has to store in order. */
  recording(broker: Broker): Broker {
    return {
      publish: (publication) => {
        const stored = broker.publish(publication);
        if (typeof stored !== "string") return stored.then((id) => this.#add(publication, id));
        return this.#add(publication, stored);
      },
      follow: (channel, follower) => broker.follow(channel, follower),
      read: (channel, after, through, bytes) => broker.read(channel, after, through, bytes),
      rewind: (channel, count, from) => broker.rewind(channel, count, from),
      close: () => broker.close(),
    };
  }

  of(channel: string): readonly Stored[] {
    return this.#channels.get(channel) ?? [];
  }

  /** The number of the newest event. */
  head(channel: string): number {
    return this.of(channel).length - 1;
  }

  /** Where an id stands; undefined when it is none of an event's. */
  place(id: string): Place | undefined {
    return this.#places.get(id);
  }

  #add({ channel, text }: Publication, id: string): string {
    let stored = this.#channels.get(channel);
    if (stored === undefined) this.#channels.set(channel, (stored = []));
    this.#places.set(id, { channel, index: stored.length });
    stored.push({ id, data: /^data: (.*)$/m.exec(text)?.[1] ?? "" });
    return id;
  }
}
