/** Places that lie so near that they are moved together. */
interface Cluster {
  /** Of those in it, what they want on average. */
  centre: number;
  size: number;
}

/**
 * Moves places on a line apart, each as little as may be, and keeps their order.
 *
 * @param places - in any order
 * @param apart - how far any two are from each other afterwards, at least
 */
export function spread(places: readonly number[], apart: number): number[] {
  const order = places.map((_, i) => i).toSorted((one, other) => places[one]! - places[other]!);
  const clusters: Cluster[] = [];
  for (const i of order) {
    let last: Cluster = { centre: places[i]!, size: 1 };
    for (let before = clusters.at(-1); before !== undefined; before = clusters.at(-1)) {
      const size = before.size + last.size;
      if (last.centre - before.centre >= (apart * size) / 2) break;
      const centre = (before.centre * before.size + last.centre * last.size) / size;
      clusters.pop();
      last = { centre, size };
    }
    clusters.push(last);
  }
  const moved = clusters.flatMap(({ centre, size }) =>
    Array.from({ length: size }, (_, k) => centre + (k - (size - 1) / 2) * apart),
  );
  return places.map((_, i) => moved[order.indexOf(i)]!);
}
