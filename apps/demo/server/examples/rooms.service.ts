import { type Channel, Channels, Injectable, SluiceError } from "@sluice/core";
import { Neighbours, type Shared } from "../nodes/neighbours.js";

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

export type RoomEvents = {
  message: Message;
  came: { name: string; here: string[]; at: number };
  left: { name: string; here: string[]; at: number };
  room: RoomState;
};

/** Who is in which room on one node, and who has been said to be there, on any. */
interface Presence {
  readonly names: Readonly<Record<string, string[]>>;
  readonly told: Readonly<Record<string, string[]>>;
}

const RECENT = 5;

/** Who is in which room, on whatever node, and what was said last. */
@Injectable()
export class Rooms {
  /** A name for each connection of this node: one visitor may have several. */
  readonly #names = new Map<string, string[]>();
  /** Who has come and not left, as the room was told. */
  readonly #told = new Map<string, string[]>();
  readonly #recent = new Map<string, Message[]>();
  readonly #said: Shared<{ room: string; message: Message }>;

  constructor(
    private readonly channels: Channels,
    private readonly neighbours: Neighbours,
  ) {
    const keep = ({ room, message }: { room: string; message: Message }) => {
      this.#recent.set(room, [...(this.#recent.get(room) ?? []), message].slice(-RECENT));
    };
    this.#said = neighbours.share("said", keep, 100);
    neighbours.onChange(() => this.#settle());
  }

  channel(room: string): Channel<RoomEvents> {
    return this.channels.get<RoomEvents>(`room:${room}`);
  }

  async state(room: string): Promise<RoomState> {
    await this.#said.caughtUp();
    return { here: this.here(room), recent: this.#recent.get(room) ?? [], at: Date.now() };
  }

  here(room: string): string[] {
    const others = this.#others.flatMap(({ names }) => names[room] ?? []);
    return [...new Set([...(this.#names.get(room) ?? []), ...others])].toSorted();
  }

  /** Says something in a room. @returns the event's id, and how many connections of this node it reaches */
  async say(room: string, message: Message): Promise<{ id: string; local: number }> {
    const published = await this.channel(room).publish({ event: "message", data: message });
    // It was said, even if that can't be remembered.
    await this.#said.tell({ room, message }).catch(() => {});
    return published;
  }

  /** Counts a connection in until its signal is aborted. */
  enter(room: string, name: string, signal: AbortSignal): void {
    const names = this.#names.get(room) ?? [];
    this.#names.set(room, names);
    names.push(name);
    this.#settle();
    const leave = () => {
      names.splice(names.indexOf(name), 1);
      this.#settle();
    };
    signal.addEventListener("abort", leave, { once: true });
  }

  get #others(): readonly Presence[] {
    return this.neighbours.posts("rooms").map(({ value }) => value as Presence);
  }

  /** Has the rooms told who has come and who has left: by one node for all of them. */
  #settle(): void {
    const leader = this.neighbours.posts("rooms").find(({ leads }) => leads);
    if (this.neighbours.leads) this.#tell();
    else if (leader !== undefined) {
      for (const [room, here] of Object.entries((leader.value as Presence).told)) {
        this.#told.set(room, here);
      }
    }
    this.neighbours.post("rooms", {
      names: Object.fromEntries(this.#names),
      told: Object.fromEntries(this.#told),
    } satisfies Presence);
  }

  #tell(): void {
    const rooms = [...this.#names.keys(), ...this.#told.keys()];
    for (const { names } of this.#others) rooms.push(...Object.keys(names));
    for (const room of new Set(rooms)) {
      const told = this.#told.get(room) ?? [];
      const here = this.here(room);
      this.#told.set(room, here);
      const changes = [
        ...told.filter((name) => !here.includes(name)).map((name) => ["left", name] as const),
        ...here.filter((name) => !told.includes(name)).map((name) => ["came", name] as const),
      ];
      for (const [event, name] of changes) {
        this.channel(room)
          .publish({ event, data: { name, here, at: Date.now() } })
          .catch(unlessClosed);
      }
    }
  }
}

/** When the server ends, everyone leaves, and there is nobody to be told. */
function unlessClosed(error: Error): void {
  if (!(error instanceof SluiceError && error.code === "ERR_BROKER_CLOSED"))
    process.emitWarning(error);
}
