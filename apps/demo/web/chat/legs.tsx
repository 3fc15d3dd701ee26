import type { Leg } from "./answer.js";

interface LegsProps {
  readonly legs: readonly Leg[];
  /** Whether it was this page that asked. */
  readonly hasAsked: boolean;
}

/** The connections by which an answer has come to this page, and what each has brought. */
export function Legs({ legs, hasAsked }: LegsProps) {
  return (
    <ol className="legs" aria-label="Connections">
      {legs.map((leg, index) => (
        <li key={index} className="leg" data-reset={leg.reset !== undefined}>
          <span className="leg-how">
            {howOf(leg, index, hasAsked)}
            {leg.reset !== undefined && <code className="leg-term">sluice.reset: {leg.reset}</code>}
          </span>
          <span className="leg-counts">
            {leg.replayed > 0 && <span className="replayed">{leg.replayed} tokens replayed</span>}
            <span>{leg.live} tokens live</span>
          </span>
        </li>
      ))}
    </ol>
  );
}

function howOf({ reset }: Leg, index: number, hasAsked: boolean): string {
  if (reset === "unknown") return "the server was restarted: all of it again, and on from there";
  if (reset !== undefined) return "something was missing: all of it again, and on from there";
  if (index > 0) return "came back, and went on behind the last id";
  return hasAsked ? "asked, and followed the run" : "joined the run, from its beginning";
}
