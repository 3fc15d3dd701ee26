import { useEffect, useState } from "react";
import { shortId } from "../view/event-id.js";
import type { useAnswer } from "./use-answer.js";

interface ConnectionLineProps {
  readonly stream: Pick<
    ReturnType<typeof useAnswer>,
    "state" | "retryAt" | "lastEventId" | "reconnect"
  >;
}

const STATES = ["connecting", "open", "waiting", "closed"] as const;

/** What `useSse` says of its connection. */
export function ConnectionLine({ stream }: ConnectionLineProps) {
  const { state, retryAt, lastEventId, reconnect } = stream;
  return (
    <div className="link" role="group" aria-label="The connection">
      <ol className="track" aria-label="State">
        {STATES.map((name) => (
          <li key={name} className="track-state" aria-current={name === state ? "true" : undefined}>
            {name}
          </li>
        ))}
      </ol>
      {retryAt !== undefined && (
        <>
          <Countdown to={retryAt} />
          <button type="button" className="button button-small" onClick={reconnect}>
            Now
          </button>
        </>
      )}
      <span className="link-id">
        <code className="link-label">Last-Event-ID</code>{" "}
        <code title={lastEventId}>{lastEventId === "" ? "none" : shortId(lastEventId)}</code>
      </span>
    </div>
  );
}

/** How often the time is written anew, in milliseconds. */
const TICK = 100;

function Countdown({ to }: { readonly to: number }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK);
    return () => clearInterval(timer);
  }, []);
  const left = Math.max(0, to - now) / 1000;
  return <span className="link-next">next attempt in {left.toFixed(1)} s</span>;
}
