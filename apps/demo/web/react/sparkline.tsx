interface SparklineProps {
  readonly label: string;
  readonly unit: string;
  /** The oldest first. */
  readonly values: readonly number[];
}

const WIDTH = 150;
const HEIGHT = 28;
const POINTS = 60;

/** A value, and how it came about. */
export function Sparkline({ label, unit, values }: SparklineProps) {
  const top = Math.max(10, ...values);
  const points = values.map((value, index) => {
    const x = WIDTH - ((values.length - 1 - index) * WIDTH) / (POINTS - 1);
    const y = HEIGHT - 2 - (value / top) * (HEIGHT - 4);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  return (
    <div className="spark">
      <span className="chart-label">{label}</span>
      <span className="chart-value">
        {values.at(-1)?.toFixed(1) ?? "–"} {unit}
      </span>
      <svg
        className="spark-plot"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        <polyline className="chart-line" points={points.join(" ")} />
      </svg>
    </div>
  );
}
