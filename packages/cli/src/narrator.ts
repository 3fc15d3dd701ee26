import type { ClientState, Reset, SseClientError } from "@sluice/client";
import { harmless } from "./harmless.js";
import type { Answer } from "./metered-fetch.js";
import { reasonOf } from "./reason.js";
import type { Standing } from "./status-line.js";
import { formatTime } from "./units.js";

/** A change of the client's state. */
export interface Change {
  readonly state: ClientState;
  readonly error: SseClientError | undefined;
  readonly retryAt: number | undefined;
  readonly answer: Answer | undefined;
}

/** Says what happens to a stream besides its events. */
export class Narrator {
  readonly #say: (text: string) => void;
  readonly #shown: string;
  #state: ClientState = "connecting";
  #retryAt: number | undefined;
  #lastId: string;
  #failures = 0;
  #hasOpened = false;
  #answer: Answer | undefined;

  /**
   * @param say - says one thing, in one line
   * @param shown - what may be shown of the URL
   */
  constructor(say: (text: string) => void, shown: string, lastEventId: string) {
    this.#say = say;
    this.#shown = shown;
    this.#lastId = lastEventId;
  }

  #tell(text: string): void {
    this.#say(harmless(text));
  }

  /** The id of the last event that was dealt with, or the last position; empty for none. */
  get lastId(): string {
    return this.#lastId;
  }

  get standing(): Standing {
    const wait = this.#retryAt === undefined ? undefined : Math.max(0, this.#retryAt - Date.now());
    return { state: this.#state, wait };
  }

  state({ state, error, retryAt, answer }: Change): void {
    this.#state = state;
    this.#retryAt = retryAt;
    this.#answer = answer;
    const from = this.#lastId === "" ? "" : `, after ${this.#lastId}`;
    if (state === "open") {
      this.#tell(this.#hasOpened ? `open again${from}` : `open: ${this.#shown}${from}`);
      this.#hasOpened = true;
      this.#failures = 0;
    }
    if (state === "waiting" && error !== undefined && retryAt !== undefined) {
      this.#failures++;
      const again = `again in ${formatTime(Math.max(0, retryAt - Date.now()))}`;
      const what = this.#hasOpened && this.#failures === 1 ? "lost" : "not reached";
      this.#tell(`${what}: ${this.reason(error)}; ${again}`);
    }
  }

  /** Why the stream was given up, in a few words. */
  reason(error: SseClientError): string {
    return reasonOf(error, this.#answer);
  }

  /** An event has come. */
  taken(id: string | undefined): void {
    if (id !== undefined) this.#lastId = id;
  }

  position(id: string): void {
    this.#lastId = id;
    this.#tell(`position ${id}`);
  }

  reset({ channels, reason, skipped }: Reset): void {
    const count = skipped === undefined ? "" : ` (${skipped} of them)`;
    this.#tell(`reset: ${WHY[reason] ?? reason}${count}, in ${[channels].flat().join(", ")}`);
  }
}

const WHY: Readonly<Partial<Record<string, string>>> = {
  malformed: "malformed: the last id is none of the server's; events may be missing",
  unknown: "unknown: the last id is of another history; events may be missing",
  trimmed: "trimmed: events that were missed are no longer kept",
  skipped: "skipped: this reader is too slow, and events were left out",
  lost: "lost: the server can't tell what was missed",
};
