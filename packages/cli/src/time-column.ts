export const TIME_FORMS = ["clock", "iso", "delta", "none"] as const;

/** What stands before an event: the local time, the time in UTC, the time since the event before, or nothing. */
export type TimeForm = (typeof TIME_FORMS)[number];

/**
 * @param now - in milliseconds since 1970
 * @param before - when the event before came; undefined for the first, and for what is no event
 */
export function timeText(form: TimeForm, now: number, before: number | undefined): string {
  switch (form) {
    case "clock":
      return clock(new Date(now));
    case "iso":
      return new Date(now).toISOString();
    case "delta":
      return (before === undefined ? "" : `+${((now - before) / 1_000).toFixed(3)}`).padStart(8);
    case "none":
      return "";
  }
}

function clock(date: Date): string {
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()];
  const time = parts.map((part) => String(part).padStart(2, "0")).join(":");
  return `${time}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}
