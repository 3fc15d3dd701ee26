import { type EventIn, type EventMap, Injectable, SseStream } from "@sluice/core";

type Member = Pick<SseStream, "send">;

/** Named feeds: who joined one receives what is published there. */
@Injectable()
export class Feeds {
  // The name decides which events a feed has; whoever joins and publishes says so in a type.
  readonly #feeds = new Map<string, Set<Member>>();

  /** Opens a stream of a feed. It leaves the feed when the connection closes. */
  join<M extends EventMap>(name: string): SseStream<M> {
    const stream = new SseStream<M>();
    const feed = this.#feeds.get(name) ?? new Set();
    this.#feeds.set(name, feed.add(stream));
    stream.onClose(() => {
      feed.delete(stream);
      // A feed that nobody listens to costs nothing.
      if (feed.size === 0 && this.#feeds.get(name) === feed) this.#feeds.delete(name);
    });
    return stream;
  }

  /**
   * Sends an event to everyone in a feed.
   *
   * @returns how many connections it reached
   */
  publish<M extends EventMap>(name: string, event: EventIn<M>): number {
    let reached = 0;
    for (const stream of this.#feeds.get(name) ?? []) if (stream.send(event)) reached++;
    return reached;
  }

  /** How many connections a feed has. */
  count(name: string): number {
    return this.#feeds.get(name)?.size ?? 0;
  }
}
