import { POSITION_EVENT, RESET_EVENT } from "@sluice/protocol";
import type { SseClientError } from "../../src/errors.js";
import type { ClientState, LineTarget, Message } from "../../src/line.js";
import type { FakeTab } from "./fake-browser.js";
import type { FakeServer } from "./fake-server.js";

interface Cursor {
  readonly epoch: number;
  readonly n: number;
}

/**
 * A tab's client, which knows what a connection of its own would give it: each event after the one before, and nothing
 * else but what the server can't help. It throws at what is lost, doubled or out of order.
 */
export class CheckingTarget implements LineTarget {
  lastEventId: string;
  state: ClientState = "connecting";
  error: SseClientError | undefined;
  /** Whether it takes its time for each message. */
  isSlow = false;
  /** How many of the next resets it can't handle. */
  refusals = 0;
  /** What went wrong. */
  readonly faults: string[] = [];
  /** All that it has handled. */
  readonly handled: Message[] = [];
  readonly #tab: FakeTab;
  readonly #server: FakeServer;
  #cursor: Cursor | undefined;
  /** The state that belongs to a reset comes next. */
  #lacksState = false;
  #isStalled = false;
  #isTaking = false;
  #go: (() => void)[] = [];

  constructor(tab: FakeTab, server: FakeServer, lastEventId = "") {
    this.#tab = tab;
    this.#server = server;
    this.lastEventId = lastEventId;
    if (lastEventId !== "") this.#cursor = read(lastEventId);
  }

  /** Whether it has all that there is. */
  get isUpToDate(): boolean {
    const { epoch, head } = this.#server;
    const cursor = this.#cursor;
    if (cursor === undefined || cursor.epoch !== epoch || this.#lacksState) return false;
    return !this.#hasBetween(cursor.n, head + 1);
  }

  change(state: ClientState, error?: SseClientError): void {
    if (this.state === "closed") this.faults.push(`told ${state} after closed`);
    if (state === "closed" && this.#isTaking) this.faults.push("closed before all was taken");
    this.state = state;
    this.error = error;
  }

  take(message: Message): void | Promise<void> {
    if (this.#isTaking) this.faults.push("told a message while it takes another");
    if (this.state === "closed") this.faults.push("told a message after closed");
    if (!this.isSlow && !this.#isStalled && message.event !== RESET_EVENT) {
      return this.#handle(message);
    }
    this.#isTaking = true;
    return new Promise<void>((resolve, reject) => {
      const end = (): void => {
        this.#isTaking = false;
        if (message.event === RESET_EVENT && this.refusals-- > 0) return reject(new Error("no"));
        this.#handle(message);
        resolve();
      };
      const wait = (): void => (this.#isStalled ? void this.#go.push(wait) : end());
      this.#tab.later("taken", wait);
    });
  }

  /** Takes nothing more for a time. */
  stall(): void {
    this.#isStalled = true;
  }

  go(): void {
    this.#isStalled = false;
    for (const run of this.#go.splice(0)) this.#tab.enter(run);
  }

  #handle(message: Message): void {
    this.handled.push(message);
    const fault = this.#check(message);
    if (fault !== undefined) {
      this.faults.push(`${fault}: ${JSON.stringify(message)} at ${JSON.stringify(this.#cursor)}`);
    }
    if (message.id !== undefined) {
      this.lastEventId = message.id;
      this.#cursor = read(message.id);
    }
  }

  #check({ event, id = "" }: Message): string | undefined {
    const cursor = this.#cursor;
    const { epoch, n } = read(id);
    if (event === "state") {
      if (cursor !== undefined && !this.#lacksState) return "a state out of place";
      this.#lacksState = false;
      return cursor === undefined || cursor.n === n ? undefined : "the state of another place";
    }
    if (this.#lacksState) return "the state is missing";
    if (cursor === undefined) return event === POSITION_EVENT ? undefined : "a wrong beginning";
    if (event === RESET_EVENT) {
      this.#lacksState = this.#server.greeting === "state";
      return this.#server.mustReset(cursor.epoch, cursor.n) ? undefined : "a needless reset";
    }
    if (epoch !== cursor.epoch) return "another channel's";
    if (n < cursor.n || (event === "n" && n === cursor.n)) return "doubled";
    return this.#hasBetween(cursor.n, n) ? "lost" : undefined;
  }

  /** Whether the filter lets anything through between two numbers. */
  #hasBetween(after: number, before: number): boolean {
    for (let n = after + 1; n < before; n++) if (this.#server.passes(n)) return true;
    return false;
  }
}

function read(id: string): Cursor {
  const [epoch, n] = id.split(".").map(Number) as [number, number];
  return { epoch, n };
}
