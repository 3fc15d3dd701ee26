import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Channel, Channels } from "@sluice/core";
import type { Hear, Shared } from "./neighbours.js";

type Told = { news: { from: string; value: unknown }; mark: { id: string } };

/** How long a node waits before it listens again to what has failed, in milliseconds. */
const PAUSE = 500;
/** How long {@link Topic.caughtUp} takes at most, in milliseconds. */
const PATIENCE = 1000;

/** A matter that the nodes share: a channel to which each of them listens. */
export class Topic<T> implements Shared<T> {
  readonly #channel: Channel<Told>;
  readonly #marks = new Map<string, () => void>();

  /**
   * @param from - the process that tells
   * @param signal - ends the listening
   */
  constructor(
    channels: Channels,
    matter: string,
    private readonly from: string,
    private readonly hear: Hear<T>,
    past: number,
    signal: AbortSignal,
  ) {
    const count = Math.max(past, 100);
    this.#channel = channels.get<Told>(`demo:${matter}`, { history: { count, age: "1h" } });
    void this.#listen(past, signal);
  }

  async tell(news: T): Promise<void> {
    await this.#channel.publish({ event: "news", data: { from: this.from, value: news } });
  }

  async caughtUp(): Promise<void> {
    const id = randomUUID();
    const heard = new Promise<void>((resolve) => this.#marks.set(id, resolve));
    // What was told before the mark is heard before it.
    const asked = this.#channel.publish({ event: "mark", data: { id } }).then(async () => heard);
    await Promise.race([asked.catch(() => {}), sleep(PATIENCE, undefined, { ref: false })]);
    this.#marks.delete(id);
  }

  async #listen(past: number, signal: AbortSignal): Promise<void> {
    let lastEventId: string | undefined;
    while (!signal.aborted) {
      const from = lastEventId === undefined ? { last: past } : { lastEventId };
      try {
        // oxlint-disable-next-line no-await-in-loop -- one event after the other
        for await (const frame of this.#channel.subscribe({ ...from, signal })) {
          lastEventId = frame.event.id ?? lastEventId;
          if (frame.isControl) continue;
          const { event, data } = frame.event;
          if (event === "mark") this.#marks.get(data.id)?.();
          else this.hear((data as Told["news"]).value as T, (data as Told["news"]).from);
        }
      } catch {
        // Redis is away: what is told meanwhile is heard when it is back.
        // oxlint-disable-next-line no-await-in-loop -- a pause
        await sleep(PAUSE, undefined, { ref: false });
      }
    }
  }
}
