/** An event as it came over the wire. */
export interface WireEvent {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/** Takes the head of an HTTP/1.1 answer and the chunked coding (RFC 9112 section 7.1) off. ASCII only. */
export class ChunkedAnswer {
  /** The first line of the head; empty until it has come. */
  status = "";
  /** The last chunk has come. */
  ended = false;
  #waiting = "";
  /** What is missing of a chunk and of the line end behind it. */
  #left = 0;

  /** Whether a new chunk begins with the next byte. */
  get isBetweenChunks(): boolean {
    return this.status !== "" && this.#waiting === "" && this.#left === 0;
  }

  /** @returns the part of the body that has come by it */
  push(text: string): string {
    this.#waiting += text;
    if (this.status === "" && !this.#takeHead()) return "";
    let body = "";
    while (this.#waiting !== "" && !this.ended) {
      if (this.#left === 0 && !this.#takeSize()) break;
      const part = this.#waiting.slice(0, this.#left);
      this.#waiting = this.#waiting.slice(part.length);
      this.#left -= part.length;
      body += this.#left >= 2 ? part : part.slice(0, Math.max(0, part.length + this.#left - 2));
    }
    return body;
  }

  #takeHead(): boolean {
    const end = this.#waiting.indexOf("\r\n\r\n");
    if (end === -1) return false;
    this.status = this.#waiting.slice(0, this.#waiting.indexOf("\r\n"));
    this.#waiting = this.#waiting.slice(end + 4);
    return true;
  }

  #takeSize(): boolean {
    const end = this.#waiting.indexOf("\r\n");
    if (end === -1) return false;
    const size = Number.parseInt(this.#waiting.slice(0, end), 16);
    this.#waiting = this.#waiting.slice(end + 2);
    if (size === 0) this.ended = true;
    else this.#left = size + 2;
    return !this.ended;
  }
}

/** Reads events (WHATWG HTML section 9.2.6) whose lines end in LF. */
export class EventLines {
  /** The id that a client would reconnect with. */
  lastId = "";
  /** When to come back, in milliseconds; undefined until it was told. */
  retry: number | undefined;
  #rest = "";
  #id: string | undefined;
  #event = "";
  #data: string | undefined;

  /** Whether an event begins with the next byte. */
  get isBetweenEvents(): boolean {
    return this.#rest === "" && this.#id === undefined && this.#data === undefined;
  }

  push(text: string): WireEvent[] {
    const events: WireEvent[] = [];
    const all = this.#rest + text;
    let start = 0;
    for (let end = all.indexOf("\n"); end !== -1; end = all.indexOf("\n", start)) {
      if (end === start) this.#dispatch(events);
      else this.#take(all.slice(start, end));
      start = end + 1;
    }
    this.#rest = all.slice(start);
    return events;
  }

  #take(line: string): void {
    const value = line.slice(line.indexOf(": ") + 2);
    if (line.startsWith("data: ")) {
      this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
    } else if (line.startsWith("id: ")) this.#id = value;
    else if (line.startsWith("event: ")) this.#event = value;
    else if (line.startsWith("retry: ")) this.retry = Number(value);
  }

  #dispatch(events: WireEvent[]): void {
    if (this.#id !== undefined) this.lastId = this.#id;
    if (this.#data !== undefined) {
      events.push({ id: this.lastId, event: this.#event, data: this.#data });
    }
    this.#id = undefined;
    this.#event = "";
    this.#data = undefined;
  }
}
