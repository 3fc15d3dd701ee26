/** How a run comes to its end, if nobody kills its process. */
export type Ending = "done" | "throws" | "cancelled" | "lonely" | "watched";

/** What `@Run` says of coming back to one that did not come to a good end. */
export type Restart = "never" | "on-error";

/** How often a run may begin that is started anew, with the first time. */
export const MOST_ATTEMPTS = 3;

/** What a key says of its run: it is all that the nodes, the visitors and the judge need to know. */
export interface PlannedRun {
  readonly key: string;
  readonly ending: Ending;
  readonly restart: Restart;
  /** How many tokens it has when it is done. */
  readonly tokens: number;
}

/** How long things take, in milliseconds. */
export interface RunTimes {
  /** For how long visitors come and go. */
  readonly duration: number;
  readonly lease: number;
  readonly keep: number;
  readonly orphan: number;
  /** Between two tokens, on average. */
  readonly pace: number;
  /** The longest run, without what its process has to wait for; it may take three times as long. */
  readonly longest: number;
}

/**
 * Of ten runs. The lonely ones are left by the only one who knows of them; the watched ones by who began
 * them, and one other stays, at the other node.
 */
const ENDINGS: readonly Ending[] = [
  "done",
  "throws",
  "done",
  "cancelled",
  "done",
  "lonely",
  "watched",
  "throws",
  "done",
  "cancelled",
];

/**
 * All of the runs, in the order in which they become known to visitors.
 *
 * @param random - gives their lengths
 */
export function planRuns(count: number, times: RunTimes, random: () => number): PlannedRun[] {
  const most = times.longest / times.pace;
  return Array.from({ length: count }, (_, n) => {
    const ending = ENDINGS[n % ENDINGS.length]!;
    const restart = Math.floor(n / ENDINGS.length) % 2 === 0 ? "on-error" : "never";
    // One that nobody listens to must not be done before somebody could notice.
    const share = isLittleKnown(ending) ? 1 : 0.4 + 0.6 * random();
    return planOf(`${n}:${ending}:${restart}:${Math.round(most * share)}`);
  });
}

/** Only those know of it who are meant to. */
export function isLittleKnown(ending: Ending): boolean {
  return ending === "lonely" || ending === "watched";
}

/** What a key says. */
export function planOf(key: string): PlannedRun {
  const [, ending, restart, tokens] = key.split(":");
  return {
    key,
    ending: ending as Ending,
    restart: restart as Restart,
    tokens: Number(tokens),
  };
}

/** Where a run is asked for. */
export function pathOf({ key, restart }: PlannedRun): string {
  return `/runs/${restart}/${key}`;
}

/** When visitors begin to come for a run, in milliseconds from the beginning. */
export function opensAt(n: number, count: number, { duration }: RunTimes): number {
  return (n / count) * duration * 0.75;
}

/** One token of a run: each attempt has the same. FNV-1a, in base 36. */
export function wordOf(key: string, n: number): string {
  let hash = 0x811c9dc5;
  for (const character of `${key}/${n}`)
    hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193);
  return (hash >>> 0).toString(36);
}
