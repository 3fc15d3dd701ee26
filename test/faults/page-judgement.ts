import type { Numbered } from "./programs/page-history-server.js";
import type { SeenEvent } from "./programs/story-page.js";

/** A publication that was acknowledged. */
export interface AcknowledgedEvent extends Numbered {
  readonly id: string;
}

/** What is wrong with what a page has seen. */
export interface Judgement {
  /** Acknowledged events that it has not. */
  readonly lost: number;
  readonly doubled: number;
  readonly disordered: number;
  /** Events that were not to be seen, that have another id, or that other pages have and this one has not. */
  readonly strange: number;
  /** Events that it has although nobody heard of their acknowledgement. */
  readonly unacknowledged: number;
}

/**
 * Compares what pages have seen with what was published, one event after the other. A life that was
 * killed may have stored one event more than it told of, which then every page has to have.
 *
 * @param lastLife - the one that was not killed
 */
export function judge(
  pages: readonly (readonly SeenEvent[])[],
  acknowledged: readonly AcknowledgedEvent[],
  lastLife: number,
): readonly Judgement[] {
  const ids = new Map(acknowledged.map((event) => [keyOf(event), event.id]));
  const counts = new Map<number, number>();
  for (const { life } of acknowledged) counts.set(life, (counts.get(life) ?? 0) + 1);
  const mayBe = ({ life, seq }: Numbered): boolean =>
    life < lastLife && seq === (counts.get(life) ?? 0);

  const extras = new Map<string, string>();
  for (const event of pages.flat())
    if (!ids.has(keyOf(event)) && mayBe(event)) extras.set(keyOf(event), event.id);

  return pages.map((events) => {
    const counted = { lost: 0, doubled: 0, disordered: 0, strange: 0, unacknowledged: 0 };
    const seen = new Set<string>();
    let [lastSeenLife, lastSeq] = [-1, -1];
    for (const event of events) {
      const { life, seq, id } = event;
      const key = keyOf(event);
      if (seen.has(key)) counted.doubled++;
      else if (life < lastSeenLife || (life === lastSeenLife && seq <= lastSeq))
        counted.disordered++;
      else [lastSeenLife, lastSeq] = [life, seq];
      seen.add(key);
      if (id !== (ids.get(key) ?? extras.get(key))) counted.strange++;
    }
    for (const key of ids.keys()) if (!seen.has(key)) counted.lost++;
    for (const key of extras.keys()) {
      if (seen.has(key)) counted.unacknowledged++;
      else counted.strange++;
    }
    return counted;
  });
}

function keyOf({ life, seq }: Numbered): string {
  return `${life} ${seq}`;
}
