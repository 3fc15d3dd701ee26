import { useEffect, useEffectEvent, useState } from "react";
import type { useAnswer } from "./use-answer.js";

/** How far the wish to stop has come. That the answer is stopped is for its stream to say. */
export type Wish = "none" | "sent" | "unheard";

/** Carries the wish to stop to the server: again with each connection, until the server has ended the stream. */
export function useStop({ state, stop }: Pick<ReturnType<typeof useAnswer>, "state" | "stop">) {
  const [wish, setWish] = useState<Wish>("none");

  const send = async () => {
    setWish("sent");
    const isHeard = await stop().then(
      ({ ok }) => ok,
      () => false,
    );
    setWish(isHeard ? "sent" : "unheard");
  };
  // A server that was restarted may have begun the answer anew.
  const sendAgain = useEffectEvent(() => {
    if (wish !== "none") void send();
  });
  useEffect(() => {
    if (state === "open") sendAgain();
  }, [state]);

  return { wish, send };
}
