import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { ChunkedAnswer, EventLines, type WireEvent } from "../event-stream.js";

interface Payload {
  readonly seq: number;
  /** When it was published, in microseconds of the epoch. */
  readonly at: number;
}

interface Numbered extends Payload {
  readonly id: string;
}

/** When a browser comes back that was not told, in milliseconds. */
const DEFAULT_RETRY = 3_000;

/** All clients take turns with it: what is read is looked at before the next one reads. */
const buffer = Buffer.allocUnsafe(262_144);

/** What the clients of one path have seen, and should not have seen. */
export class PathLog {
  lost = 0;
  doubled = 0;
  /** Events whose id is not the one that publishing gave. */
  strange = 0;
  readonly ids: string[] = [];
  /** What the last client read that began and ended with whole events: the others mostly read the same. */
  readonly same = { bytes: Buffer.alloc(0), events: [] as readonly Numbered[] };

  /** Compares what was seen with the ids that publishing gave, by their numbers. */
  compare(published: readonly string[]): void {
    for (const [seq, id] of published.entries()) if (id !== (this.ids[seq] ?? id)) this.strange++;
  }
}

/** Where a client goes, and what it does there. */
export interface ClientOptions {
  readonly port: number;
  readonly path: string;
  readonly log: PathLog;
  readonly lastEventId?: string;
  /** It comes back with its last id when its stream has ended, as soon as it was told to. */
  readonly returns?: boolean;
  /** Called for each event. */
  readonly took: (client: Client, at: number) => void;
}

/** One of many clients of a stream of numbered events. */
export class Client {
  readonly opened: Promise<void>;
  closed = false;
  /** Told by a `sluice.reset`, each with its reason. */
  readonly resets: string[] = [];
  /** When its streams ended, in milliseconds of the epoch. */
  readonly ends: number[] = [];
  /** Statuses other than 200 that it was answered with. */
  readonly refusals: string[] = [];
  /** Counts among those whose progress and whose latencies are measured. */
  counts = true;
  next = 0;
  socket: Socket;
  lines = new EventLines();
  #answer = new ChunkedAnswer();
  readonly #options: ClientOptions;
  /** A reset has come, and tells that the next event need not follow the last one. */
  #mayJump = false;
  #onOpen: (() => void) | undefined;
  #left = false;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.opened = new Promise((resolve) => (this.#onOpen = resolve));
    this.socket = this.#dial(options.lastEventId);
  }

  /** It has the head of its answer: the server knows it, and sends it what is published from now on. */
  get isOpen(): boolean {
    return !this.closed && this.#answer.status !== "";
  }

  leave(): void {
    this.#left = true;
    this.socket.destroy();
  }

  #dial(lastEventId: string | undefined): Socket {
    const { port, path } = this.#options;
    const socket = connect({
      port,
      host: "127.0.0.1",
      onread: {
        buffer,
        callback: (size, bytes) => {
          this.#read(bytes as Buffer, size);
          return true;
        },
      },
    });
    socket.on("error", () => {});
    socket.once("close", () => this.#onClose());
    const resume = lastEventId === undefined ? "" : `last-event-id: ${lastEventId}\r\n`;
    socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${resume}\r\n`);
    return socket;
  }

  #onClose(): void {
    const { status } = this.#answer;
    if (status !== "") this.ends.push(Date.now());
    if (status !== "" && !status.includes(" 200 ")) this.refusals.push(status);
    this.closed = true;
    this.#onOpen?.();
    if (this.#options.returns === true && !this.#left) void this.#comeBack();
  }

  async #comeBack(): Promise<void> {
    const { lastId, retry = DEFAULT_RETRY } = this.lines;
    await delay(retry);
    if (this.#left) return;
    this.lines = new EventLines();
    this.lines.lastId = lastId;
    this.lines.retry = retry;
    this.#answer = new ChunkedAnswer();
    this.closed = false;
    this.socket = this.#dial(lastId === "" ? undefined : lastId);
  }

  #read(bytes: Buffer, size: number): void {
    const { log } = this.#options;
    const { same } = log;
    const read = bytes.subarray(0, size);
    const fresh = this.#answer.isBetweenChunks && this.lines.isBetweenEvents;
    if (fresh && same.bytes.equals(read)) {
      for (const event of same.events) this.#take(event);
      this.lines.lastId = same.events.at(-1)!.id;
      return;
    }
    const events = this.lines.push(this.#answer.push(read.toString("latin1")));
    const numbered: Numbered[] = [];
    for (const event of events) {
      if (event.event === "load") {
        numbered.push(toNumbered(event));
        this.#take(numbered.at(-1)!);
      } else if (event.event === "sluice.reset") {
        this.resets.push((JSON.parse(event.data) as { reason: string }).reason);
        this.#mayJump = true;
      }
    }
    if (this.#answer.status !== "") {
      this.#onOpen?.();
      this.#onOpen = undefined;
    }
    // The connection may be kept for another request; the stream is over all the same.
    if (this.#answer.ended) this.socket.destroy();
    const isWhole = this.#answer.isBetweenChunks && this.lines.isBetweenEvents;
    if (fresh && isWhole && numbered.length > 0 && numbered.length === events.length) {
      same.bytes = Buffer.from(read);
      same.events = numbered;
    }
  }

  #take({ id, seq, at }: Numbered): void {
    const { log, took } = this.#options;
    if (seq < this.next) log.doubled++;
    else if (!this.#mayJump) log.lost += seq - this.next;
    this.#mayJump = false;
    this.next = seq + 1;
    if ((log.ids[seq] ??= id) !== id) log.strange++;
    if (this.counts) took(this, at);
  }
}

function toNumbered({ id, data }: WireEvent): Numbered {
  const { seq, at } = JSON.parse(data) as Payload;
  return { id, seq, at };
}
