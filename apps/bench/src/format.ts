/** A figure with the digits that say something: 0.347, 5.87, 46.1, 1,612. A whole number stays one: 20. */
export function format(value: number): string {
  const size = Math.abs(value);
  const digits = Number.isInteger(value) || size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** A share in percent: "37 %". */
export function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
