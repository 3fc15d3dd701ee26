import { POSITION_EVENT, RESET_EVENT } from "@sluice/protocol";
import { SseClientError } from "../../src/errors.js";
import type { LineTarget, Message, OpenLine } from "../../src/line.js";
import type { FakeTab } from "./fake-browser.js";

/** What a client gets that joins without an id: where it is, the state of that place, or the last events. */
export type Greeting = "position" | "state" | "last";

/** The completion. */
const END = { event: "end", data: "" };

/** How many events a filter leaves out before it tells where the client is. */
const LEFT_OUT = 4;

/** What a client connects to: a channel of numbered events, whose history is bounded. */
export class FakeServer {
  readonly greeting: Greeting;
  /** Every how manieth event passes the filter. */
  readonly every: number;
  /** Changes when the channel's past is lost. */
  epoch = 0;
  head = 0;
  /** The oldest event that is still known. */
  oldest = 1;
  isUp = true;
  readonly connections = new Set<FakeConnection>();
  /** How many there have been. */
  opened = 0;

  constructor(greeting: Greeting, every = 1) {
    this.greeting = greeting;
    this.every = every;
  }

  get position(): string {
    return `${this.epoch}.${this.head}`;
  }

  passes(n: number): boolean {
    return n % this.every === 0;
  }

  publish(count = 1): void {
    for (let i = 0; i < count; i++) {
      this.head++;
      for (const connection of this.connections) connection.publish(this.head);
    }
  }

  /** Forgets all but the newest events. */
  trim(kept: number): void {
    this.oldest = Math.max(this.oldest, this.head - kept + 1);
  }

  /** Comes back without its past. */
  restart(): void {
    this.epoch++;
    this.head = 0;
    this.oldest = 1;
    this.cut();
  }

  cut(): void {
    for (const connection of this.connections) connection.cut();
  }

  /** Ends the stream, for all who have all of it. */
  complete(): void {
    for (const connection of this.connections) connection.push(END);
  }

  /** Whether a client that is at a place has to be told a reset. */
  mustReset(epoch: number, n: number): boolean {
    return epoch !== this.epoch || n < this.oldest - 1 || n > this.head;
  }

  /** What a client is sent at first. */
  *greet(lastEventId: string): Generator<Message> {
    const id = this.position;
    const state: Message = { event: "state", data: String(this.head), id };
    const [epoch, n] = lastEventId.split(".").map(Number) as [number, number];
    if (lastEventId === "") {
      if (this.greeting === "state") return yield state;
      const from =
        this.greeting === "last" ? Math.max(this.oldest - 1, this.head - 3, 0) : this.head;
      yield { event: POSITION_EVENT, data: "{}", id: `${this.epoch}.${from}` };
      return yield* this.after(from);
    }
    if (!this.mustReset(epoch, n)) return yield* this.after(n);
    yield { event: RESET_EVENT, data: '{"channels":["c"],"reason":"trimmed"}', id };
    if (this.greeting === "state") yield state;
  }

  *after(from: number): Generator<Message> {
    let leftOut = 0;
    for (let n = from + 1; n <= this.head; n++) {
      const id = `${this.epoch}.${n}`;
      if (this.passes(n)) {
        leftOut = 0;
        yield { event: "n", data: String(n), id };
      } else if (++leftOut === LEFT_OUT) {
        leftOut = 0;
        yield { event: POSITION_EVENT, data: "{}", id };
      }
    }
  }
}

/** One answer of the server. */
class FakeConnection {
  readonly #server: FakeServer;
  readonly #onPush: () => void;
  readonly #onCut: () => void;
  readonly coming: (Message | typeof END)[];
  #leftOut = 0;

  constructor(server: FakeServer, lastEventId: string, onPush: () => void, onCut: () => void) {
    this.#server = server;
    this.#onPush = onPush;
    this.#onCut = onCut;
    this.coming = [...server.greet(lastEventId)];
    server.connections.add(this);
    server.opened++;
  }

  publish(n: number): void {
    const id = `${this.#server.epoch}.${n}`;
    if (this.#server.passes(n)) {
      this.#leftOut = 0;
      this.push({ event: "n", data: String(n), id });
    } else if (++this.#leftOut === LEFT_OUT) {
      this.#leftOut = 0;
      this.push({ event: POSITION_EVENT, data: "{}", id });
    }
  }

  push(message: Message | typeof END): void {
    this.coming.push(message);
    this.#onPush();
  }

  cut(): void {
    this.close();
    this.#onCut();
  }

  close(): void {
    this.#server.connections.delete(this);
  }
}

/** How the lines of a tab behave. */
export interface LineHabits {
  /** How many messages come together at most. */
  readonly chunk: number;
  /** Whether it lets go of its connection while its page is hidden. */
  readonly pauses: boolean;
}

/** What a tab connects with: a line to the fake server that behaves as the one over `fetch`. */
export function openFakeLine(tab: FakeTab, server: FakeServer, habits: LineHabits): OpenLine {
  return (target: LineTarget) => {
    let isClosed = false;
    /** The target is at a message. A connection that is lost meanwhile is not left before. */
    let isBusy = false;
    let isLost = false;
    let connection: FakeConnection | undefined;

    const later = (label: string, task: () => void): void =>
      tab.later(label, () => {
        if (!isClosed) task();
      });
    const close = (): void => {
      isClosed = true;
      connection?.close();
    };
    const begin = (): void => {
      if (habits.pauses && tab.isHidden) {
        target.change("waiting");
        tab.whenSeen(() => later("begin", begin));
        return;
      }
      target.change("connecting");
      later("request", request);
    };
    const lose = (cause?: unknown): void => {
      connection?.close();
      connection = undefined;
      isBusy = isLost = false;
      const error =
        cause instanceof SseClientError ? cause : new SseClientError("ERR_DISCONNECTED", "lost");
      target.change("waiting", error, 1);
      later("begin", begin);
    };
    const request = (): void => {
      if (!server.isUp) return lose();
      const made = new FakeConnection(
        server,
        target.lastEventId,
        () => later("chunk", () => made === connection && read(made)),
        () => later("lost", () => (isBusy ? (isLost = true) : made === connection && lose())),
      );
      connection = made;
      target.change("open");
      later("chunk", () => read(made));
    };
    const read = (from: FakeConnection): void => {
      if (isBusy || from !== connection) return;
      // A state comes in the same write as the reset that it belongs to.
      const { coming } = from;
      let count = Math.min(habits.chunk, coming.length);
      if (coming[count]?.event === "state") count++;
      isBusy = true;
      void take(coming.splice(0, count)).then(
        () => {
          isBusy = false;
          if (isClosed) return;
          if (isLost) lose();
          else if (coming.length > 0) later("chunk", () => read(from));
        },
        (cause: unknown) => {
          if (!isClosed) lose(cause);
        },
      );
    };
    /** What has come together is done with before anything else is noticed. */
    const take = async (messages: readonly Message[]): Promise<void> => {
      for (const message of messages) {
        if (isClosed) return;
        if (message === END) {
          close();
          return target.change("closed");
        }
        const taking = target.take(message);
        if (taking !== undefined) await taking;
      }
    };
    tab.onKill(close);
    tab.onHide(() => {
      if (habits.pauses) connection?.cut();
    });
    later("begin", begin);
    return { close };
  };
}
