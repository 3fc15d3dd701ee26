import type { ReceivedEvent, StreamListener, StreamState } from "./state.js";

/**
 * Tells which events were replayed: those that were published before the connection that brought
 * them was opened. Both times are the server's: the one stands in the event's data as `at`, the other
 * is asked for each time that the browser has opened a connection. Until the answer is there, events
 * wait.
 */
export class Openings implements StreamListener {
  readonly #waiting: ReceivedEvent[] = [];
  #opened: number | undefined;
  #asked = 0;
  #asking = false;

  /**
   * @param handle - by which the server knows the connection
   * @param deliver - takes the events, in the order in which they came
   */
  constructor(
    private readonly handle: string,
    private readonly deliver: (event: ReceivedEvent) => void,
  ) {}

  onState(state: StreamState): void {
    // What waits belongs to the connection before.
    this.#settle(undefined);
    if (state === "open") void this.#ask();
  }

  onEvent(event: ReceivedEvent): void {
    if (this.#asking) this.#waiting.push(event);
    else this.deliver(judge(event, this.#opened));
  }

  async #ask(): Promise<void> {
    const turn = ++this.#asked;
    this.#asking = true;
    const opened = await openedAt(this.handle);
    if (turn === this.#asked) this.#settle(opened);
  }

  #settle(opened: number | undefined): void {
    this.#asked++;
    this.#asking = false;
    this.#opened = opened;
    for (const event of this.#waiting.splice(0)) this.deliver(judge(event, opened));
  }
}

function judge(event: ReceivedEvent, opened: number | undefined): ReceivedEvent {
  const published = publishedAt(event.data);
  if (opened === undefined || published === undefined) return event;
  return { ...event, replayed: published < opened };
}

/** When an event was published, by the server's clock; undefined if its data does not say. */
export function publishedAt(data: string): number | undefined {
  try {
    const { at } = JSON.parse(data) as { at?: unknown };
    return typeof at === "number" ? at : undefined;
  } catch {
    return undefined;
  }
}

async function openedAt(handle: string): Promise<number | undefined> {
  try {
    const response = await fetch(`/connections/${handle}`);
    // The connection may be gone again.
    if (!response.ok) return undefined;
    return ((await response.json()) as { opened: number }).opened;
  } catch {
    return undefined;
  }
}
