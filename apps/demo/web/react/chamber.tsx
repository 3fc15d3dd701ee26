interface ChamberProps {
  /** Whether the stream flows: its gate is up. */
  readonly isOpen: boolean;
  /** How many streams the server has. */
  readonly boats: number;
  /** How many events it publishes a second. */
  readonly traffic: number;
}

/** More boats than these would not fit. */
const MOST_BOATS = 6;
const WIDTH = 252;
/** The water's surface, empty and full, from the top of the chamber. */
const LOW = 92;
const HIGH = 40;
/** The traffic at which it is full, in events a second. */
const FULL = 40;

/** A lock in section: a boat for each stream, and water between two gates. */
export function Chamber({ isOpen, boats, traffic }: ChamberProps) {
  // A few events a second are seen as well as many.
  const fullness = Math.min(1, Math.log1p(traffic) / Math.log1p(FULL));
  const surface = LOW - (LOW - HIGH) * fullness;
  const shown = Math.min(boats, MOST_BOATS);
  return (
    <svg
      className="chamber"
      data-open={isOpen}
      viewBox="0 0 360 168"
      role="img"
      aria-label="A lock between two water levels, with a boat for each open stream."
    >
      <path className="chamber-outside" d="M0 62q11-4 22 0t22 0v88H0z" />
      <path className="chamber-outside" d="M316 128q11-4 22 0t22 0v22h-44z" />
      <path className="chamber-flow" d="M290 142h70" />
      <svg x="54" y="20" width={WIDTH} height="130">
        <g className="chamber-level" style={{ transform: `translateY(${surface.toFixed(1)}px)` }}>
          {Array.from({ length: shown }, (_, index) => (
            <g key={index} transform={`translate(${(WIDTH * (index + 0.5)) / shown} 0)`}>
              <g className="boat">
                <path className="boat-sail" d="M2-36v29h18zM-2-29v22h-14z" />
                <path className="boat-hull" d="M-21-4h42l-7 13h-28z" />
              </g>
            </g>
          ))}
          <path className="chamber-water" d={`M-22 4${"q5.5-3 11 0t11 0".repeat(13)}v130H-22z`} />
        </g>
        <path className="chamber-gauge" d="M8 34v92M8 34h8M8 49h5M8 64h8M8 79h5M8 94h8M8 109h5" />
      </svg>
      <path
        className="chamber-frame"
        d="M42 150V12M56 150V12M304 150V12M318 150V12M36 12h26M298 12h26"
      />
      <rect className="chamber-board" x="44" y="36" width="10" height="114" />
      <rect className="chamber-board chamber-gate" x="306" y="36" width="10" height="114" />
      <path className="chamber-bed" d="M0 150h360" />
      <path className="chamber-hatch" d={`M6 152${"l-7 10m19-10".repeat(30)}`} />
    </svg>
  );
}
