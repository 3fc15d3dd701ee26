import type { EventsOf, ReceivedEvent, Reset } from "@sluice/react";
import type { ChatController } from "../../server/examples/chat.controller.js";

export type ChatEvents = EventsOf<ChatController["answer"]>;

/** One connection, and what came by it. */
export interface Leg {
  /** When it was opened, by the server's clock; undefined where that is not told. */
  readonly opened: number | undefined;
  /** Why everything came again by it, from the beginning. */
  readonly reset: Reset["reason"] | undefined;
  /** Tokens that were published before it was opened. */
  readonly replayed: number;
  /** Tokens that were published since. */
  readonly live: number;
}

/** How a connection began. */
export type LegStart = Pick<Leg, "opened" | "reset">;

/** An answer as far as it has come. */
export interface Answer {
  readonly text: string;
  readonly tokens: number;
  /** After how many tokens it is about to end; undefined before it begins. */
  readonly about: number | undefined;
  /** What there was of it when it began anew. */
  readonly kept: Pick<Answer, "text" | "tokens">;
  readonly legs: readonly Leg[];
}

export const NO_ANSWER: Answer = {
  text: "",
  tokens: 0,
  about: undefined,
  kept: { text: "", tokens: 0 },
  legs: [],
};

/** What an event makes of an answer. @param leg - the connection that has brought it */
export function step(answer: Answer, event: ReceivedEvent<ChatEvents>, leg: LegStart): Answer {
  const legs = begin(answer.legs, leg);
  if (event.event === "token") {
    const { text, at } = event.data;
    return {
      ...answer,
      legs: count(legs, at),
      text: answer.text + text,
      tokens: answer.tokens + 1,
    };
  }
  // An answer begins, perhaps anew, on a server that was restarted.
  return { ...NO_ANSWER, legs, about: event.data.about, kept: shown(answer) };
}

/** What the reader sees: what there was stays until the new beginning has come as far, or is another. */
export function shown({ kept, text, tokens }: Answer): Pick<Answer, "text" | "tokens"> {
  return kept.text.startsWith(text) ? kept : { text, tokens };
}

/** The connections with the one that brings an event, last. */
function begin(legs: readonly Leg[], { opened, reset }: LegStart): readonly Leg[] {
  const last = legs.at(-1);
  if (last === undefined || last.opened !== opened) {
    return [...legs, { opened, reset, replayed: 0, live: 0 }];
  }
  return [...legs.slice(0, -1), { ...last, reset }];
}

/** Counts a token for the last connection. @param at - when it was published */
function count(legs: readonly Leg[], at: number): readonly Leg[] {
  return legs.map((leg, index) => {
    if (index < legs.length - 1) return leg;
    const isReplayed = leg.opened !== undefined && at < leg.opened;
    return isReplayed ? { ...leg, replayed: leg.replayed + 1 } : { ...leg, live: leg.live + 1 };
  });
}
