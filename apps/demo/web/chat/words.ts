import type { Ending } from "./thread.js";
import type { useAnswer } from "./use-answer.js";
import type { Wish } from "./use-stop.js";

type State = ReturnType<typeof useAnswer>["state"];

/** How an answer has ended. */
export const ENDINGS: Readonly<Record<Ending["how"], string>> = {
  done: "Complete",
  stopped: "Stopped",
  failed: "The answer broke off.",
};

const SPOKEN_ENDINGS: Readonly<Record<Ending["how"], string>> = {
  done: "The answer is complete.",
  stopped: "The answer is stopped.",
  failed: "The answer broke off. You can retry.",
};

const STATES: Readonly<Record<State, string>> = {
  idle: "Not asked yet",
  connecting: "Connecting",
  open: "Answering",
  waiting: "Connection lost, it will come back",
  closed: "Over",
};

/** What is shown of an answer that is on its way. */
export function sayingOf(state: State, wish: Wish): string {
  if (wish === "sent") return "Stopping";
  if (wish === "none") return STATES[state];
  return state === "open"
    ? "Stop did not get through. Press it again."
    : "Stop did not get through. It is sent again when the connection is back.";
}

/** What is told to a screen reader; undefined where that is nothing new, as each further attempt to connect. */
export function spokenOf(
  state: State,
  wish: Wish,
  how: Ending["how"] | undefined,
): string | undefined {
  if (how !== undefined) return SPOKEN_ENDINGS[how];
  return state === "connecting" && wish === "none" ? undefined : sayingOf(state, wish);
}
