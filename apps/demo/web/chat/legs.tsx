import type { Leg } from "./answer.js";

/** The connections by which an answer has come to this page, and what each has brought. */
export function Legs({ legs }: { readonly legs: readonly Leg[] }) {
  return (
    <ol className="legs" aria-label="Connections">
      {legs.map((leg, index) => (
        <li key={index} className="leg" data-reset={leg.reset !== undefined}>
          <span className="leg-how">{howOf(leg, index)}</span>
          <span className="leg-counts">
            {leg.replayed > 0 && <span className="replayed">{leg.replayed} replayed</span>}
            <span>{leg.live} live</span>
          </span>
        </li>
      ))}
    </ol>
  );
}

function howOf({ reset, replayed }: Leg, index: number): string {
  if (reset !== undefined) return `sluice.reset (${reset}): all of it again, and on from there`;
  if (index > 0) return "came back, and went on behind the last id";
  return replayed > 0 ? "joined the run, from its beginning" : "asked, and followed the run";
}
