import { groupBy } from "./group-by.js";
import type { Cancelling, RunEvidence } from "./redis-runs-evidence.js";
import type { Begun, Ended } from "./redis-runs-journal.js";
import { MOST_ATTEMPTS, planOf } from "./redis-runs-plan.js";
import type { Visit } from "./redis-runs-visit.js";

export interface RunVerdict {
  readonly faults: readonly string[];
  /** Tokens that were told to some who followed an attempt to its end, and not to others. */
  readonly lost: number;
  readonly starts: number;
  /** By what the one before came to. */
  readonly restarts: readonly string[];
  /** The longest from the kill until somebody who listened elsewhere was told, in milliseconds. */
  readonly slowestNews: number;
}

/** One start of a generator, and what became of it. */
interface Attempt extends Begun {
  readonly end: Ended | undefined;
  /** It came to nothing later than then; undefined when it goes on. */
  readonly gone: number | undefined;
  readonly isKilled: boolean;
}

/** How long a process that has much to do may be late, in milliseconds. */
const LATE = 2_000;

/** Compares what the generators of runs have written down with what was told to those who listened. */
export function judgeRuns(evidence: RunEvidence): RunVerdict {
  return new Judge(evidence).judge();
}

class Judge {
  readonly #evidence: RunEvidence;
  readonly #attempts: readonly Attempt[];
  readonly #byStart: ReadonlyMap<string, Attempt>;
  readonly #byKey: ReadonlyMap<string, readonly Attempt[]>;
  readonly #told: ReadonlyMap<string | undefined, readonly Visit[]>;
  readonly #faults: string[] = [];
  readonly #restarts: string[] = [];
  #lost = 0;
  #slowestNews = 0;

  constructor(evidence: RunEvidence) {
    const { journal, killed, visits } = evidence;
    this.#evidence = evidence;
    const ends = new Map(
      journal.flatMap((entry) => (entry.what === "ended" ? [[entry.start, entry]] : [])),
    );
    this.#attempts = journal.flatMap((entry) => {
      if (entry.what !== "begun") return [];
      const end = ends.get(entry.start);
      const gone = end?.at ?? killed.get(entry.node);
      return [{ ...entry, end, gone, isKilled: end === undefined && killed.has(entry.node) }];
    });
    this.#byStart = new Map(this.#attempts.map((attempt) => [attempt.start, attempt]));
    this.#byKey = groupBy(this.#attempts, ({ key }) => key);
    this.#told = groupBy(
      visits.filter(({ by }) => by === "told"),
      ({ start }) => start,
    );
  }

  judge(): RunVerdict {
    for (const attempts of this.#byKey.values()) this.#judgeKey(attempts);
    for (const attempt of this.#attempts) this.#judgeAttempt(attempt);
    for (const visit of this.#evidence.visits) this.#judgeVisit(visit);
    for (const cancelling of this.#evidence.cancellings) this.#judgeCancelling(cancelling);
    return {
      faults: this.#faults,
      lost: this.#lost,
      starts: this.#attempts.length,
      restarts: this.#restarts,
      slowestNews: this.#slowestNews,
    };
  }

  /** A run is started again only when the one before has come to a bad end, and where `restart` says so. */
  #judgeKey(attempts: readonly Attempt[]): void {
    const { times } = this.#evidence;
    for (const [n, attempt] of attempts.entries()) {
      const before = attempts[n - 1];
      if (before === undefined) continue;
      const fate = this.#fateOf(before);
      this.#restarts.push(fate);
      if (before.gone === undefined || before.gone > attempt.at) {
        // A process that was held up for longer than its lease learns later that it has lost its run.
        if (fate !== "lost") this.#fault(attempt, `began while ${before.start} went on`);
        continue;
      }
      if (attempt.at >= before.gone + times.keep) continue;
      if (planOf(attempt.key).restart === "never") this.#fault(attempt, "began a second time");
      if (n >= MOST_ATTEMPTS) this.#fault(attempt, "began too often");
      if (fate === "done" || fate === "cancelled") this.#fault(attempt, `came after one ${fate}`);
      // It held its lease for two thirds of it at least.
      const free = before.gone + (times.lease * 2) / 3 - LATE / 2;
      if (before.isKilled && attempt.at < free)
        this.#fault(attempt, "began before the lease ran out");
    }
  }

  #judgeAttempt(attempt: Attempt): void {
    const { end, start, key } = attempt;
    const told = this.#told.get(start) ?? [];
    const outcomes = new Set(told.map(({ outcome }) => outcome));
    const counts = new Set(told.map(({ tokens }) => tokens));
    if (attempt.gone === undefined) this.#fault(attempt, "never came to its finally");
    if (end?.how === "done" && end.tokens !== planOf(key).tokens)
      this.#fault(attempt, `was done after ${end.tokens}`);
    if (outcomes.size > 1) this.#fault(attempt, `was told as ${[...outcomes].join(" and as ")}`);
    if (counts.size > 1) {
      const most = Math.max(...counts);
      for (const { tokens } of told) this.#lost += most - tokens;
      this.#fault(attempt, `ended after ${[...counts].join(" and after ")} tokens`);
    }
    const fate = this.#fateOf(attempt);
    for (const outcome of outcomes) {
      const should = fate === "done" || fate === "cancelled" ? fate : "failed";
      if (outcome !== should) this.#fault(attempt, `was ${fate}, and told as ${String(outcome)}`);
    }
    for (const count of counts) {
      const all = end?.tokens ?? count;
      const isWhole = end?.how === "stopped" ? count <= all + 1 : count === all;
      if (!isWhole) this.#fault(attempt, `made ${all} tokens, of which ${count} were told`);
    }
    if (fate === "orphaned") this.#judgeOrphan(attempt);
  }

  #judgeOrphan(attempt: Attempt): void {
    const { times, visits } = this.#evidence;
    const listener = visits.find(
      ({ start, by, answered = Infinity, ...visit }) =>
        start === attempt.start &&
        // It stayed until the end.
        by !== "client" &&
        answered < attempt.gone! - times.orphan - LATE / 4 &&
        !this.#wasKilled(visit),
    );
    if (listener !== undefined)
      this.#fault(attempt, `was given up, and client ${listener.client} listened`);
  }

  #judgeVisit(visit: Visit): void {
    const { status, by, outcome, tokens, key, start, method } = visit;
    const plan = planOf(key);
    if (status === 404) {
      if (method === "POST" || this.#wasThere(visit)) this.#faultOf(visit, "was told of no run");
      return;
    }
    if (status !== undefined && status !== 200 && status !== 204)
      this.#faultOf(visit, `got ${status}`);
    const attempt = this.#byStart.get(start ?? "");
    if (start !== undefined && attempt === undefined) this.#faultOf(visit, `heard ${start}`);
    if (by === "told") {
      if (outcome === "done" && tokens !== plan.tokens)
        this.#faultOf(visit, `was told that it is done, after ${tokens} tokens`);
      if (outcome === "cancelled" && plan.ending !== "cancelled")
        this.#faultOf(visit, "was told that it is cancelled");
    }
    if (by === "server" && !this.#mayBeCut(visit, attempt))
      this.#faultOf(visit, `was cut off after ${tokens} tokens, and not told why`);
    if (attempt?.isKilled === true && by !== "client") this.#noteNews(visit, attempt);
  }

  /** Whether a run of the key was there all along. */
  #wasThere({ key, from, to }: Visit): boolean {
    const { keep } = this.#evidence.times;
    const begun = this.#byKey.get(key)?.findLast(({ at }) => at < from);
    return begun !== undefined && (begun.gone === undefined || begun.gone + keep > to);
  }

  #mayBeCut(visit: Visit, attempt: Attempt | undefined): boolean {
    if (this.#wasKilled(visit)) return true;
    if (planOf(visit.key).restart === "never") return false;
    // It is to come back, and start the run anew.
    return attempt === undefined || !["done", "cancelled"].includes(this.#fateOf(attempt));
  }

  /** Whether the process was killed in the midst of it, or was not there. */
  #wasKilled({ node, from, to, status }: Pick<Visit, "node" | "from" | "to" | "status">): boolean {
    const { killed, killedNode } = this.#evidence;
    const [at = Infinity] = killed.values();
    return node === killedNode && to >= at && (status === undefined || from <= at);
  }

  #noteNews({ answered = Infinity, node, to }: Visit, { gone = 0 }: Attempt): void {
    if (node === this.#evidence.killedNode || answered > gone || to < gone) return;
    this.#slowestNews = Math.max(this.#slowestNews, to - gone);
  }

  /** What has been cancelled for good is told so, and not started again. */
  #judgeCancelling({ key, from, to, result }: Cancelling): void {
    if (result !== true) return;
    // Its process may write down that it begins when it has been cancelled already.
    const met = this.#byKey
      .get(key)
      ?.filter((attempt) => attempt.at <= to + LATE && this.#nextOf(attempt) >= from);
    if (met?.some((attempt) => this.#fateOf(attempt) === "cancelled") !== true)
      this.#faults.push(`${key}: was cancelled, and is not`);
  }

  #fateOf(attempt: Attempt): string {
    const { end, key, at, start, gone, isKilled } = attempt;
    if (end?.how === "done") return "done";
    if (end?.how === "threw") return "failed";
    const told = this.#told.get(start) ?? [];
    // It is not known of which of two it was that one began the moment before or after.
    const isMeant = ({ key: cancelled, from, to, result }: Cancelling): boolean =>
      cancelled === key &&
      result === true &&
      from >= at &&
      to <= this.#nextOf(attempt) &&
      (isKilled || gone === undefined || gone >= from);
    if (told.some(({ outcome }) => outcome === "cancelled")) return "cancelled";
    if (this.#evidence.cancellings.some(isMeant)) return "cancelled";
    if (isKilled) return "lost";
    return end?.state ?? "nothing";
  }

  /** When the next one began. */
  #nextOf({ key, at }: Attempt): number {
    return this.#byKey.get(key)!.find((other) => other.at > at)?.at ?? Infinity;
  }

  #fault({ key, start, node }: Attempt, what: string): void {
    this.#faults.push(`${key}: ${start} on ${node} ${what}`);
  }

  #faultOf({ key, client, method, node }: Visit, what: string): void {
    this.#faults.push(`${key}: client ${client} (${method}, node ${node}) ${what}`);
  }
}
