import { Frame, type SourceItem } from "@sluice/core";
import { pick } from "./random.js";

/** An event as a client dispatches it. */
export interface Dispatched {
  /** Empty where it has no name. */
  readonly event: string;
  /** The last id that was sent, with this event or before it. */
  readonly lastId: string;
  readonly data: string;
}

/** What a fuzzed event came to. */
export interface Fuzzed {
  /** Undefined where it was rejected. */
  readonly frame: SourceItem | undefined;
  /** Undefined where it has no data, so that clients dispatch nothing. */
  readonly expected: Dispatched | undefined;
}

/** Texts in which something could go wrong, alone or beside each other. */
const PIECES = [
  ...Array.from(
    "\0\x01\t\n\v\f\r\x1f !\"#%&'*+,-./09:;<=>?@AZ[\\]^_`az{|}~\x7f\x80\x85\x9f\xa0\xad\xff",
  ),
  "",
  "\r\n",
  "\n\n",
  "\r\r",
  "\n\r",
  "data: x",
  "\ndata: x",
  "data",
  "id: 7",
  "event: y",
  "retry: 1",
  ": comment",
  "sluice.",
  "sluice.end",
  "#end",
  "é",
  "ß",
  "\u2028",
  "\u2029",
  "\u200b",
  "\ufeff",
  "\ufffd",
  "\uffff",
  "\ud800",
  "\udc00",
  "😀",
  "👩‍👩‍👧",
  "x".repeat(300),
] as const;

/** Names that a browser can listen for, since they have to be known before. */
export const NAMES = [
  "a",
  " a",
  "a ",
  "a b",
  "a:b",
  ": a",
  "a\tb",
  "a\0b",
  "data",
  "é",
  "😀",
  "\ufeffa",
  "\u2028",
  "error ",
  "toString",
  "__proto__",
  "a\x85b",
] as const;

const VALUES = [
  null,
  true,
  0,
  -0,
  1e300,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  undefined,
  1n,
  Symbol("s"),
  () => 1,
  new Date(0),
  new Map([[1, 2]]),
  Object.create(null) as unknown,
  { toJSON: () => undefined },
  { toJSON: () => "x\ny" },
  [undefined, () => 1],
] as const;

/** Makes events at random, and says what a client has to make of them. */
export class Fuzzer {
  rejected = 0;
  /** Events that were rejected and others that were not, of which the opposite would have been right. */
  readonly wrong: string[] = [];
  #lastId = "";
  readonly #random: () => number;
  readonly #names: readonly string[] | undefined;
  readonly #keepsSilentIds: boolean;

  /**
   * @param names - what events may be called; anything, if left out
   * @param keepsSilentIds - the client heeds an id that comes without data
   */
  constructor(random: () => number, keepsSilentIds: boolean, names?: readonly string[]) {
    this.#random = random;
    this.#keepsSilentIds = keepsSilentIds;
    this.#names = names;
  }

  next(): Fuzzed {
    const event = this.#event();
    const isLegal = legal(event);
    try {
      const frame = Frame.of(event);
      if (!isLegal) this.#note("taken", event);
      const isSilent = !Object.hasOwn(event, "data");
      if (typeof event["id"] === "string" && (!isSilent || this.#keepsSilentIds))
        this.#lastId = event["id"].toWellFormed();
      const expected = isSilent ? undefined : this.#dispatched(event);
      return { frame, expected };
    } catch {
      if (isLegal) this.#note("rejected", event);
      this.rejected++;
      return { frame: undefined, expected: undefined };
    }
  }

  #note(what: string, event: object): void {
    if (this.wrong.length < 20) this.wrong.push(`${what}: ${show(event)}`);
  }

  #dispatched(event: Readonly<Record<string, unknown>>): Dispatched {
    const { event: name = "", data } = event;
    const text = typeof data === "string" ? data : JSON.stringify(data);
    return {
      event: (name as string).toWellFormed(),
      lastId: this.#lastId,
      data: text.toWellFormed().replaceAll(/\r\n|\r|\n/g, "\n"),
    };
  }

  #event(): Record<string, unknown> {
    const random = this.#random;
    const event: Record<string, unknown> = {};
    if (random() < 0.95) event["data"] = random() < 0.6 ? this.#text(6) : this.#value(3);
    if (random() < 0.4) event["event"] = this.#names ? pick(this.#names, random) : this.#text(3);
    if (random() < 0.4)
      event["id"] = random() < 0.5 ? String(Math.floor(random() * 1e9)) : this.#text(4);
    if (random() < 0.05) event["retry"] = pick([0, 1, 2 ** 31 - 1, 1.5, -1, "1", 2 ** 31], random);
    if (random() < 0.1) event["comment"] = this.#text(3);
    return event;
  }

  #text(pieces: number): string {
    let text = "";
    for (let n = Math.floor(this.#random() * (pieces + 1)); n > 0; n--)
      text += pick(PIECES, this.#random);
    return text;
  }

  #value(depth: number): unknown {
    const random = this.#random;
    const way = random();
    if (depth === 0 || way < 0.3) return way < 0.1 ? pick(VALUES, random) : this.#text(3);
    if (way < 0.6) return Array.from({ length: random() * 4 }, () => this.#value(depth - 1));
    return Object.fromEntries(
      Array.from({ length: random() * 4 }, () => [this.#text(2), this.#value(depth - 1)]),
    );
  }
}

/** What the format can carry (WHATWG HTML section 9.2.6), and a client can send back. */
function legal(event: Readonly<Record<string, unknown>>): boolean {
  const { event: name, id, retry, data, comment } = event;
  if (typeof name === "string" && (/[\r\n]/.test(name) || name.startsWith("sluice."))) return false;
  // oxlint-disable-next-line no-control-regex -- Control characters are what it is about.
  if (typeof id === "string" && /[\0-\x1f\x7f-\x9f]|^ | $|#end$/.test(id)) return false;
  if (typeof id === "string" && Buffer.byteLength(id.toWellFormed()) > 1_020) return false;
  if (retry !== undefined) {
    if (!Number.isInteger(retry) || Number(retry) < 0 || Number(retry) >= 2 ** 31) return false;
  }
  if (!Object.hasOwn(event, "data"))
    return name === undefined && (id ?? retry ?? comment) !== undefined;
  if (["undefined", "bigint", "symbol", "function"].includes(typeof data)) return false;
  try {
    return JSON.stringify(data) !== undefined;
  } catch {
    return false;
  }
}

function show(event: object): string {
  try {
    return JSON.stringify(event);
  } catch {
    return String(Object.keys(event));
  }
}
