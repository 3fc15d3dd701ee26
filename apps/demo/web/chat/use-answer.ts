import { useSse } from "@sluice/react";
import { useState } from "react";
import { newHandle } from "../view/run.js";
import { type Answer, type ChatEvents, NO_ANSWER, step } from "./answer.js";
import { Link } from "./link.js";

interface Question {
  readonly id: string;
  readonly prompt: string;
}

interface Around {
  readonly visitor: string;
  /** Shows what crosses the wire. */
  readonly fetch: typeof globalThis.fetch;
}

/** Asks, or joins the answer if it has been asked already: in another tab, or before a reload. */
export function useAnswer({ id, prompt }: Question, { visitor, fetch }: Around) {
  const [handle] = useState(newHandle);
  const [link] = useState(() => new Link());
  const headers = { "X-Visitor": visitor };

  const stream = useSse<ChatEvents, Answer>(`/chat/${id}?handle=${handle}`, {
    body: { prompt },
    headers,
    // A POST that may be repeated: the second one joins the run of the first.
    reconnect: { maxDelay: 3000 },
    fetch: link.watch(fetch),
    maxEvents: 0,
    initialValue: NO_ANSWER,
    reducer: (answer, event) => step(answer, event, link),
    // All of it comes again. What is on the screen stays: see `shown` in answer.ts.
    onReset: ({ reason }) => {
      link.reset = reason;
    },
  });

  return {
    ...stream,
    stop: async () => fetch(`/chat/${id}`, { method: "DELETE", headers }),
    cut: async () => fetch(`/connections/${handle}/cut`, { method: "POST" }),
  };
}
