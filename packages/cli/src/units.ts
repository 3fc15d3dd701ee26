/** Times, sizes and rates as people read them. */

/** @param ms - may be negative: clocks differ */
export function formatTime(ms: number): string {
  const size = Math.abs(ms);
  const sign = ms < 0 ? "-" : "";
  if (size < 9.95) return `${sign}${trim(size.toFixed(1))} ms`;
  if (size < 999.5) return `${sign}${Math.round(size)} ms`;
  const seconds = size / 1_000;
  if (seconds < 59.95) return `${sign}${trim(seconds.toFixed(1))} s`;
  const minutes = Math.round(seconds / 60);
  if (seconds < 3_599.5) {
    const whole = Math.round(seconds);
    return `${sign}${Math.floor(whole / 60)} m ${whole % 60} s`;
  }
  return `${sign}${Math.floor(minutes / 60)} h ${minutes % 60} m`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 999.5) return `${Math.round(bytes)} B`;
  let value = bytes;
  for (const unit of ["kB", "MB", "GB"]) {
    value /= 1_000;
    if (value < 999.5) return `${significant(value)} ${unit}`;
  }
  return `${significant(value / 1_000)} TB`;
}

/** @param perSecond - how often a second */
export function formatRate(perSecond: number): string {
  return `${separate(significant(perSecond))}/s`;
}

export function formatCount(count: number, one: string): string {
  return `${separate(String(count))} ${one}${count === 1 ? "" : "s"}`;
}

/** Puts a comma before each three digits of a whole number. */
function separate(number: string): string {
  return number.includes(".") ? number : number.replaceAll(/\B(?=(\d{3})+$)/g, ",");
}

/** Three digits, and no more than two of them behind the point. */
function significant(value: number): string {
  if (value >= 99.95) return String(Math.round(value));
  return trim(value.toFixed(value >= 9.995 ? 1 : 2));
}

/** Without noughts that say nothing. */
function trim(number: string): string {
  return number.includes(".") ? number.replace(/\.?0+$/, "") : number;
}
