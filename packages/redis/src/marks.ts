import { isAfter, type Place } from "./cursor.js";

/** How many channels are kept in mind. */
const CHANNELS = 10_000;

interface Mark {
  /** The newest place that is known of. */
  readonly newest: Place;
  /** The newest entry that this process stored itself, and the number of the connection on which it was last seen. */
  readonly own: { readonly place: Place; readonly seenOn: number } | undefined;
}

/** What a script is told, to see by it whether the server has lost something. */
export interface Known {
  readonly epoch: string;
  readonly native: string;
  /** What this process stored itself and has not seen on this connection; empty where there is nothing such. */
  readonly own: string;
}

/** What a script is told of channels, on the connection on which it comes to run. */
export class Telling {
  readonly #marks: Marks;
  readonly #channels: readonly string[];
  #connection = 0;
  #known: readonly Known[] = [];

  constructor(marks: Marks, channels: readonly string[]) {
    this.#marks = marks;
    this.#channels = channels;
  }

  /** The number of the connection on which it was told last. */
  get connection(): number {
    return this.#connection;
  }

  /** The script's arguments. */
  on(connection: number): readonly string[] {
    this.#connection = connection;
    this.#known = this.#channels.map((channel) => this.#marks.of(channel, connection));
    return this.#known.flatMap(({ epoch, native, own }) => [epoch, native, own]);
  }

  /** The script has seen what it was told, or made known that it is lost. */
  seen(): void {
    for (const [index, channel] of this.#channels.entries())
      this.#marks.seen(channel, this.#known[index]!, this.#connection);
  }
}

/**
 * What this process knows of the channels that it used last. It shows when a server has lost what it had stored:
 * either it has come less far, or it lacks what it had acknowledged.
 */
export class Marks {
  readonly #marks = new Map<string, Mark>();

  /** @param connection - the number of the one that the script runs on */
  of(channel: string, connection: number): Known {
    const mark = this.#marks.get(channel);
    if (mark === undefined) return { epoch: "", native: "", own: "" };
    const { newest, own } = mark;
    const isDue = own !== undefined && own.seenOn !== connection;
    return { ...newest, own: isDue && own.place.epoch === newest.epoch ? own.place.native : "" };
  }

  /** Something was heard of. */
  note(channel: string, place: Place): void {
    const mark = this.#marks.get(channel);
    if (mark?.newest.epoch === place.epoch && !isAfter(place.native, mark.newest.native)) return;
    this.#set(channel, { newest: place, own: mark?.own });
  }

  /** This process has stored something. */
  store(channel: string, place: Place, connection: number): void {
    this.note(channel, place);
    const { newest } = this.#marks.get(channel)!;
    this.#set(channel, { newest, own: { place, seenOn: connection } });
  }

  /** A script has seen what it was told, or made known that it is lost. */
  seen(channel: string, { own }: Known, connection: number): void {
    const mark = this.#marks.get(channel);
    if (own === "" || mark?.own?.place.native !== own) return;
    this.#marks.set(channel, { ...mark, own: { ...mark.own, seenOn: connection } });
  }

  /** The channels of which something was stored that has not been seen on a connection. */
  unseen(connection: number): string[] {
    return [...this.#marks.keys()].filter((channel) => this.of(channel, connection).own !== "");
  }

  #set(channel: string, mark: Mark): void {
    // Behind all others, so that the first is the one that was used least.
    this.#marks.delete(channel);
    this.#marks.set(channel, mark);
    if (this.#marks.size <= CHANNELS) return;
    for (const first of this.#marks.keys()) {
      this.#marks.delete(first);
      return;
    }
  }
}
