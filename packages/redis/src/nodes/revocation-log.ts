import { type NewRevocation, type NodesListener, type Revocation, SluiceError } from "@sluice/core";
import type { Connection } from "../connection.js";
import { RedisBrokerError } from "../errors.js";
import { persistently } from "../persistently.js";
import { randomText } from "../random-text.js";
import type { NodesSettings } from "./options.js";
import { READ, REVOKE } from "./scripts.js";

/** How many revocations are read, and stored anew, in one go. */
const PAGE = 500;

/** For how long revocations that are over are kept for nodes that could not ask, and at least, in milliseconds. */
const KEPT = 3_600_000;
const KEPT_AT_LEAST = 60_000;

const EPOCH_LENGTH = 12;

/** A place in the log: the number of a revocation and its id. */
interface Place {
  readonly number: number;
  readonly id: string;
}

const START: Place = { number: 0, id: "" };

interface Entry extends Place {
  /** The id of the one before it. */
  readonly previous: string;
  readonly revocation: Revocation;
}

interface Page {
  /** By the clock of the server, in milliseconds. */
  readonly now: number;
  readonly epoch: string;
  readonly last: Place;
  readonly entries: readonly Entry[];
}

/** The revocations as the server has them, and how far this node has read. */
export class RevocationLog {
  readonly topic: string;
  readonly #connection: Connection;
  readonly #settings: NodesSettings;
  readonly #listener: NodesListener;
  readonly #keys: readonly [head: string, log: string, untils: string, numbers: string];
  #epoch = "";
  #place = START;
  /** The history was read from its beginning up to the place. */
  #knowsAll = false;
  #closed = false;

  constructor(connection: Connection, settings: NodesSettings, listener: NodesListener) {
    this.#connection = connection;
    this.#settings = settings;
    this.#listener = listener;
    const key = (name: string): string => `${settings.prefix}nodes:{revocations}:${name}`;
    this.topic = key("told");
    this.#keys = [key("head"), key("log"), key("untils"), key("numbers")];
  }

  /** Tells the listener what was stored since the last time. Not to be called while it is at work. */
  async pull(): Promise<void> {
    if (this.#knowsAll) {
      const found = await this.#readOn();
      if (found === "whole") return;
      if (found === "missed") this.#listener.missed();
    }
    // A new history, or one that is another from some place on: what is known here may have been lost.
    this.#knowsAll = false;
    await this.#readAll();
  }

  /**
   * Stores a revocation, and tells the listener.
   *
   * @throws SluiceError `ERR_NOT_STORED`, `ERR_OUTCOME_UNKNOWN`
   */
  async store(revocation: NewRevocation): Promise<void> {
    const { id, selector, reason, retry, lasts } = revocation;
    const told = await this.#tryToStore(revocation, ["", "", String(lasts)]);
    if (told === null) {
      throw new SluiceError(
        "ERR_NOT_STORED",
        `A revocation is in force in this process only: ${this.#settings.maxRevocations} others are in force on all nodes (maxRevocations). Let them last a shorter time, or revoke by something that more have in common.`,
      );
    }
    const [at = 0, until = 0, now = 0] = told.map(Number);
    this.#listener.revoked({ id, selector, reason, retry, at, until }, now);
  }

  close(): void {
    this.#closed = true;
  }

  /** Reads on while it goes on where this node is. */
  async #readOn(): Promise<"whole" | "missed" | "other"> {
    for (;;) {
      const page = await this.#read();
      const found = page.epoch === this.#epoch ? compare(this.#place, page) : "other";
      if (found !== "whole" || this.#tell(page)) return found;
    }
  }

  /** Reads from the beginning, and stores again what is lacking there. */
  async #readAll(): Promise<void> {
    const there = new Set<string>();
    this.#place = START;
    let page: Page;
    do {
      page = await this.#read();
      this.#epoch = page.epoch;
      for (const { id } of page.entries) there.add(id);
    } while (!this.#tell(page));
    await this.#restore(there);
    // Of what does not exist yet nobody knows how it will begin.
    this.#knowsAll = page.epoch !== "";
  }

  /** @returns whether it was the last page */
  #tell({ now, last, entries }: Page): boolean {
    for (const { revocation } of entries) this.#listener.revoked(revocation, now);
    const isLast = entries.length < PAGE;
    this.#place = isLast ? last : entries.at(-1)!;
    return isLast;
  }

  async #tryToStore(
    revocation: NewRevocation,
    times: readonly string[],
  ): Promise<readonly string[] | null> {
    let mayBeStored = false;
    try {
      return await this.#persistently(async () => {
        try {
          return await this.#send(revocation, times);
        } catch (error) {
          mayBeStored ||= (error as RedisBrokerError).code === "ERR_REDIS_DEADLINE";
          throw error;
        }
      });
    } catch (cause) {
      const what = mayBeStored
        ? (["ERR_OUTCOME_UNKNOWN", "Redis got it and has not answered"] as const)
        : (["ERR_NOT_STORED", "Redis could not be asked, or refused"] as const);
      throw new SluiceError(
        what[0],
        `A revocation is in force in this process, and perhaps in no other: ${what[1]}. Revoke again.`,
        { cause },
      );
    }
  }

  /** @param times - at, until and how long it lasts: the first two empty, or the last */
  async #send(
    { id, selector, reason, retry }: Omit<NewRevocation, "lasts">,
    times: readonly string[],
  ): Promise<readonly string[] | null> {
    const text = JSON.stringify({ selector, reason, retry });
    const bounds = [this.#settings.maxRevocations, KEPT, KEPT_AT_LEAST].map(String);
    const args = [this.topic, randomText(EPOCH_LENGTH), id, text, ...times, ...bounds];
    return (await this.#connection.run(REVOKE, this.#keys, args)) as readonly string[] | null;
  }

  /** Stores again what is known here and not there: the server has lost it. */
  async #restore(there: ReadonlySet<string>): Promise<void> {
    const lost = [...this.#listener.standing()].filter(({ id }) => !there.has(id));
    for (let at = 0; at < lost.length; at += PAGE) {
      const sent = lost.slice(at, at + PAGE).map((revocation) => {
        const { at, until } = revocation;
        return this.#send(revocation, [String(at), String(until), ""]);
      });
      await Promise.all(sent);
    }
  }

  async #read(): Promise<Page> {
    const [head, log] = this.#keys;
    const args = [this.#epoch, String(this.#place.number), String(PAGE)];
    const reply = await this.#persistently(() => this.#connection.run(READ, [head, log], args));
    const [now, epoch = "", last, tail = "", ...fields] = reply as string[];
    const entries: Entry[] = [];
    for (let at = 0; at < fields.length; at += 6) {
      const [number, previous, id, stored, until, text] = fields.slice(at, at + 6) as Six;
      const { selector, reason, retry } = JSON.parse(text) as Revocation;
      const times = { at: Number(stored), until: Number(until) };
      const revocation = { id, selector, reason, retry, ...times };
      entries.push({ number: Number(number), id, previous, revocation });
    }
    return { now: Number(now), epoch, last: { number: Number(last), id: tail }, entries };
  }

  #persistently<T>(attempt: () => Promise<T>): Promise<T> {
    return persistently(attempt, this.#settings.commandTimeout, () => this.#closed);
  }
}

type Six = [string, string, string, string, string, string];

/**
 * Whether a page goes on where this node is: as a whole; with revocations left out that were removed in between; or not,
 * because the server's history is another one from some place on.
 */
function compare(from: Place, { last, entries }: Page): "whole" | "missed" | "other" {
  let place = from;
  for (const entry of entries) {
    if (entry.number !== place.number + 1) return "missed";
    if (entry.previous !== place.id) return "other";
    place = entry;
  }
  if (entries.length === PAGE) return "whole";
  if (last.number > place.number) return "missed";
  return last.number === place.number && last.id === place.id ? "whole" : "other";
}
