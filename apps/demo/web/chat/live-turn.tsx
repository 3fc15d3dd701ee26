import { useEffect, useState } from "react";
import { shown } from "./answer.js";
import { AnswerText } from "./answer-text.js";
import { ConnectionLine } from "./connection-line.js";
import { Legs } from "./legs.js";
import { ENDINGS } from "./past-turn.js";
import { Progress } from "./progress.js";
import type { Ending, Turn } from "./thread.js";
import { useAnswer } from "./use-answer.js";

interface LiveTurnProps {
  readonly turn: Turn;
  readonly visitor: string;
  readonly fetch: typeof globalThis.fetch;
  readonly onEnd: (ending: Ending) => void;
  readonly onRetry: () => void;
}

/** An answer that is on its way, or was when the page was opened, and the stream that it comes by. */
export function LiveTurn({ turn, visitor, fetch, onEnd, onRetry }: LiveTurnProps) {
  const stream = useAnswer(turn, { visitor, fetch });
  const [isStopped, setStopped] = useState(false);
  const { data: answer, state, error } = stream;
  const { text, tokens } = shown(answer);
  const how = endingOf(stream, isStopped);

  useEffect(() => {
    if (how !== undefined && turn.ending === undefined) onEnd({ how, text, tokens });
  }, [how, turn.ending, onEnd, text, tokens]);

  const stop = async () => {
    setStopped(true);
    // Without the server, it is at least no longer followed here.
    await stream.stop().catch(() => undefined);
    stream.close();
  };
  return (
    <div className="turn-answer" data-how={how ?? "writing"} data-state={state}>
      <AnswerText text={text} isWriting={how === undefined} />
      <Progress answer={answer} isOver={how !== undefined} />
      <div className="turn-foot">
        <span className="turn-state" role="status">
          {how === undefined ? SAYINGS[state] : ENDINGS[how]}
          {how === "failed" && `: ${error?.message ?? ""}`}
          {how === "done" && <span className="unseen">: {text}</span>}
        </span>
        {how === undefined ? (
          <>
            <button type="button" className="button button-stop" onClick={() => void stop()}>
              Stop
            </button>
            <button
              type="button"
              className="button"
              disabled={state !== "open"}
              onClick={() => void stream.cut()}
            >
              Cut the connection
            </button>
            <a className="button" href="./chat.html" target="_blank" rel="noopener">
              Open a second tab
            </a>
          </>
        ) : (
          <button type="button" className="button" onClick={onRetry}>
            Retry
          </button>
        )}
      </div>
      <ConnectionLine stream={stream} />
      <Legs legs={answer.legs} />
    </div>
  );
}

type Stream = ReturnType<typeof useAnswer>;

const SAYINGS: Readonly<Record<Stream["state"], string>> = {
  idle: "Not asked yet",
  connecting: "Connecting",
  open: "Answering",
  waiting: "Connection lost, it will come back",
  closed: "Over",
};

function endingOf({ state, error }: Stream, isStopped: boolean): Ending["how"] | undefined {
  if (state !== "closed") return undefined;
  // Another tab may have stopped it.
  if (isStopped || error?.code === "ERR_CANCELLED") return "stopped";
  return error === undefined ? "done" : "failed";
}
