import type { Told } from "./redis-follower.js";
import type { Numbered, Outcome } from "./redis-node.js";

/** What clients have seen that they should not have, over all of them. */
export interface Verdict {
  /** Acknowledged events that a client has not, without a reset that covers it. */
  readonly lost: number;
  readonly doubled: number;
  readonly disordered: number;
  /** Events of channels that the client does not listen to. */
  readonly foreign: number;
  /** The first things that are wrong. */
  readonly faults: readonly string[];
}

interface Due {
  /** The number that comes next. */
  next: number;
  /** A reset has come since the last event. */
  mayJump: boolean;
}

/** What became of every publication, to compare with what clients were told. */
export class RedisAccount {
  readonly #outcomes = new Map<string, Outcome>();
  /** By channel and publisher. */
  readonly #last = new Map<string, number>();
  readonly counts = { stored: 0, unknown: 0, refused: 0, ended: 0 };
  /** The longest that one took, in milliseconds. */
  slowest = 0;

  readonly add = (outcome: Outcome): void => {
    this.#outcomes.set(keyOf(outcome), outcome);
    const source = sourceOf(outcome);
    this.#last.set(source, Math.max(this.#last.get(source) ?? 0, outcome.seq));
    this.counts[outcome.fate]++;
    this.slowest = Math.max(this.slowest, outcome.took);
  };

  /** Compares what each of some clients was told, all of which were there from the beginning. */
  compare(
    clients: readonly { readonly channels: readonly string[]; readonly log: readonly Told[] }[],
  ): Verdict {
    const verdict = { lost: 0, doubled: 0, disordered: 0, foreign: 0, faults: [] as string[] };
    for (const { channels, log } of clients) this.#compareOne(channels, log, verdict);
    return verdict;
  }

  #compareOne(
    channels: readonly string[],
    log: readonly Told[],
    verdict: { -readonly [K in keyof Verdict]: Verdict[K] } & { faults: string[] },
  ): void {
    const due = new Map<string, Due>();
    const newest = new Map<string, string>();
    const seen = new Set<string>();
    const fault = (what: string): void => {
      if (verdict.faults.length < 20) verdict.faults.push(`${channels.join("+")}: ${what}`);
    };
    for (const source of this.#last.keys()) due.set(source, { next: 0, mayJump: false });
    for (const told of log) {
      if (told.kind === "reset") {
        for (const [source, state] of due) {
          if (!told.channels.includes(source.split(" ")[0]!)) continue;
          state.mayJump = true;
        }
        for (const channel of told.channels) newest.delete(channel);
        for (const key of seen) if (told.channels.includes(key.split(" ")[0]!)) seen.delete(key);
      }
      if (told.kind !== "event") continue;
      const key = keyOf(told);
      if (!channels.includes(told.channel)) {
        verdict.foreign++;
        fault(`${key} is not for it`);
        continue;
      }
      const outcome = this.#outcomes.get(key);
      if (outcome?.fate === "refused" || outcome?.fate === "ended") {
        fault(`${key} was ${outcome.fate}, but came`);
        verdict.disordered++;
      }
      const state = due.get(sourceOf(told)) ?? { next: 0, mayJump: false };
      if (seen.has(key)) {
        verdict.doubled++;
        fault(`${key} came twice`);
      } else if (told.seq < state.next && !state.mayJump) {
        verdict.disordered++;
        fault(`${key} came after ${state.next - 1}`);
      } else if (!state.mayJump) this.#lose(told, state.next, told.seq - 1, verdict, fault);
      const id = told.id.startsWith("m1~") ? undefined : told.id;
      const before = newest.get(told.channel);
      if (id !== undefined && before !== undefined && !isLater(id, before)) {
        verdict.disordered++;
        fault(`${id} came after ${before}`);
      }
      if (id !== undefined) newest.set(told.channel, id);
      seen.add(key);
      const next = Math.max(told.seq + 1, state.mayJump ? 0 : state.next);
      due.set(sourceOf(told), { next, mayJump: false });
    }
    for (const [source, last] of this.#last) {
      const [channel = "", publisher = ""] = source.split(" ");
      const state = due.get(source)!;
      if (!channels.includes(channel) || state.mayJump) continue;
      this.#lose({ channel, publisher, seq: 0 }, state.next, last, verdict, fault);
    }
  }

  /** Counts those that were acknowledged. */
  #lose(
    { channel, publisher }: Numbered,
    from: number,
    through: number,
    verdict: { lost: number },
    fault: (what: string) => void,
  ): void {
    for (let seq = from; seq <= through; seq++) {
      const outcome = this.#outcomes.get(keyOf({ channel, publisher, seq }));
      if (outcome?.fate !== "stored") continue;
      verdict.lost++;
      fault(`${keyOf(outcome)} (${String(outcome.id)}) is lost, of ${from} to ${through}`);
    }
  }
}

function keyOf({ channel, publisher, seq }: Numbered): string {
  return `${channel} ${publisher} ${seq}`;
}

function sourceOf({ channel, publisher }: Numbered): string {
  return `${channel} ${publisher}`;
}

/** Whether an id comes after another, in one history. */
function isLater(id: string, before: string): boolean {
  const [epoch, place = ""] = id.split(".");
  const [earlierEpoch, earlier = ""] = before.split(".");
  if (epoch !== earlierEpoch) return false;
  const [ms = 0, seq = 0] = place.split("-").map((part) => parseInt(part, 36));
  const [earlierMs = 0, earlierSeq = 0] = earlier.split("-").map((part) => parseInt(part, 36));
  return ms === earlierMs ? seq > earlierSeq : ms > earlierMs;
}
