import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { ChunkedAnswer, EventLines, type WireEvent } from "../event-stream.js";
import { Latencies } from "../latencies.js";
import { answer } from "./answer.js";

interface Payload {
  readonly seq: number;
  /** When it was published, in microseconds of the epoch. */
  readonly at: number;
}

interface Numbered extends Payload {
  readonly id: string;
}

/** What a client has seen that it should not have, over all clients. */
export interface CrowdVerdict {
  readonly lost: number;
  readonly doubled: number;
  /** Events whose id is not the one that publishing gave. */
  readonly strange: number;
}

/** How many connections are being made at once. */
const WAVE = 200;

/** All clients take turns with it: what is read is looked at before the next one reads. */
const buffer = Buffer.allocUnsafe(262_144);

const clients: Client[] = [];
const latencies = new Latencies();
const ids: string[] = [];
let lost = 0;
let doubled = 0;
let strange = 0;
let target = 0;
let missing = 0;
let onReached: (() => void) | undefined;

/** What the last client read that began and ended with whole events: the others mostly read the same. */
const same = { bytes: Buffer.alloc(0), events: [] as readonly Numbered[] };

class Client {
  readonly answer = new ChunkedAnswer();
  readonly lines = new EventLines();
  readonly socket: Socket;
  readonly opened: Promise<void>;
  closed = false;
  /** Told by a `sluice.reset`, each with its reason. */
  readonly resets: string[] = [];
  /** Counts among those that {@link commands.reached} waits for, and whose latencies are measured. */
  counts = true;
  next = 0;
  /** A reset has come, and tells that the next event need not follow the last one. */
  #mayJump = false;
  #onOpen: (() => void) | undefined;

  constructor(port: number, path: string, lastEventId?: string) {
    this.socket = connect({
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
    this.opened = new Promise((resolve) => (this.#onOpen = resolve));
    this.socket.on("error", () => {});
    this.socket.on("close", () => {
      this.closed = true;
      this.#onOpen?.();
    });
    const resume = lastEventId === undefined ? "" : `last-event-id: ${lastEventId}\r\n`;
    this.socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${resume}\r\n`);
  }

  #read(bytes: Buffer, size: number): void {
    const read = bytes.subarray(0, size);
    const fresh = this.answer.isBetweenChunks && this.lines.isBetweenEvents;
    if (fresh && same.bytes.equals(read)) {
      for (const event of same.events) this.#take(event);
      this.lines.lastId = same.events.at(-1)!.id;
      return;
    }
    const events = this.lines.push(this.answer.push(read.toString("latin1")));
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
    if (this.answer.status !== "") {
      this.#onOpen?.();
      this.#onOpen = undefined;
    }
    const isWhole = this.answer.isBetweenChunks && this.lines.isBetweenEvents;
    if (fresh && isWhole && numbered.length > 0 && numbered.length === events.length) {
      same.bytes = Buffer.from(read);
      same.events = numbered;
    }
  }

  #take({ id, seq, at }: Numbered): void {
    if (seq < this.next) doubled++;
    else if (!this.#mayJump) lost += seq - this.next;
    this.#mayJump = false;
    this.next = seq + 1;
    if ((ids[seq] ??= id) !== id) strange++;
    if (!this.counts) return;
    latencies.add(Math.round(performance.timeOrigin * 1_000 + performance.now() * 1_000) - at);
    if (this.next === target && --missing === 0) onReached?.();
  }
}

const commands = {
  /** Connects so many clients; resolves when all have their head. */
  async connect(port: number, path: string, count: number): Promise<void> {
    for (let n = 0; n < count; n += WAVE) {
      const wave = Array.from({ length: Math.min(WAVE, count - n) }, () => new Client(port, path));
      clients.push(...wave);
      await Promise.all(wave.map(({ opened }) => opened));
    }
  },
  /** Resolves when every client that counts has had so many events. */
  reached(count: number): Promise<void> {
    missing = clients.filter(({ counts, next }) => counts && next < count).length;
    target = count;
    return missing === 0 ? Promise.resolve() : new Promise((resolve) => (onReached = resolve));
  },
  /** Compares what the clients have seen with the ids that publishing gave. */
  verdict(published: readonly string[]): CrowdVerdict {
    for (const [seq, id] of published.entries()) if (id !== (ids[seq] ?? id)) strange++;
    return { lost, doubled, strange };
  },
  /** Milliseconds from the publishing to the reading, since the last time that they were asked for. */
  latencies: () => latencies.take(),
  /** All leave; those that come from now on begin with event 0 again. */
  async restart(): Promise<void> {
    for (const { socket } of clients) socket.destroy();
    while (clients.some(({ closed }) => !closed)) await delay(5);
    clients.length = 0;
    ids.length = 0;
    same.bytes = Buffer.alloc(0);
  },
  /** A client stops reading; it does not count from then on. */
  pause(index: number): void {
    clients[index]!.counts = false;
    clients[index]!.socket.pause();
  },
  /** It reads what has been sent to it, and goes on. */
  resume(index: number): void {
    clients[index]!.socket.resume();
  },
  state(index: number): ClientState {
    const { closed, next, resets } = clients[index]!;
    return { closed, next, resets };
  },
  /** A client whose connection has ended comes back with its last id as another; gives its number. */
  async comeBack(index: number, port: number, path: string): Promise<number> {
    const { next, lines } = clients[index]!;
    const client = new Client(port, path, lines.lastId);
    client.counts = false;
    client.next = next;
    clients.push(client);
    await client.opened;
    return clients.length - 1;
  },
};

/** How it stands with a client. */
export interface ClientState {
  readonly closed: boolean;
  /** The number of the event that it expects. */
  readonly next: number;
  /** The reasons of the resets that it was told. */
  readonly resets: readonly string[];
}

export type Crowd = typeof commands;
answer(commands);

function toNumbered({ id, data }: WireEvent): Numbered {
  const { seq, at } = JSON.parse(data) as Payload;
  return { id, seq, at };
}
