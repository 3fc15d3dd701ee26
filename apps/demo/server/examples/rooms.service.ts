import { Injectable, SluiceError } from "@sluice/core";

export interface Message {
  name: string;
  text: string;
  /** When it was published, in milliseconds. */
  at: number;
}

export interface RoomState {
  here: string[];
  recent: Message[];
  at: number;
}

type Tell = (event: "came" | "left", here: string[]) => Promise<void>;

const RECENT = 5;

/** Who is in which room, and what was said last. */
@Injectable()
export class Rooms {
  /** A name for each connection: one visitor may have several. */
  readonly #names = new Map<string, string[]>();
  readonly #recent = new Map<string, Message[]>();

  state(room: string): RoomState {
    return { here: this.#here(room), recent: this.#recent.get(room) ?? [], at: Date.now() };
  }

  remember(room: string, message: Message): void {
    this.#recent.set(room, [...(this.#recent.get(room) ?? []), message].slice(-RECENT));
  }

  /**
   * Counts a connection in until its signal is aborted.
   *
   * @param tell - called when the name was not there before, and when it is there no more
   */
  enter(room: string, name: string, signal: AbortSignal, tell: Tell): void {
    const names = this.#names.get(room) ?? [];
    this.#names.set(room, names);
    const change = (event: "came" | "left", move: () => void) => {
      const before = names.includes(name);
      move();
      if (names.includes(name) !== before) tell(event, this.#here(room)).catch(unlessClosed);
    };
    change("came", () => names.push(name));
    const leave = () => change("left", () => names.splice(names.indexOf(name), 1));
    signal.addEventListener("abort", leave, { once: true });
  }

  #here(room: string): string[] {
    return [...new Set(this.#names.get(room))].toSorted();
  }
}

/** When the server ends, everyone leaves, and there is nobody to be told. */
function unlessClosed(error: Error): void {
  if (!(error instanceof SluiceError && error.code === "ERR_BROKER_CLOSED"))
    process.emitWarning(error);
}
