import { useEffect } from "react";
import { shown } from "./answer.js";
import { AnswerText } from "./answer-text.js";
import { ConnectionLine } from "./connection-line.js";
import { Legs } from "./legs.js";
import { Progress } from "./progress.js";
import { Spoken } from "./spoken.js";
import type { Ending, Turn } from "./thread.js";
import { useAnswer } from "./use-answer.js";
import { useKeptFocus } from "./use-kept-focus.js";
import { useStop } from "./use-stop.js";
import { ENDINGS, sayingOf, spokenOf } from "./words.js";

interface LiveTurnProps {
  readonly turn: Turn;
  readonly visitor: string;
  readonly fetch: typeof globalThis.fetch;
  /** Whether it was this page that asked. */
  readonly hasAsked: boolean;
  /** Whether its controls take the focus when they are first shown. */
  readonly takesFocus: boolean;
  readonly onEnd: (ending: Ending) => void;
  readonly onRetry: () => void;
}

/** An answer that is on its way, or was when the page was opened, and the stream that it comes by. */
export function LiveTurn(props: LiveTurnProps) {
  const { turn, visitor, fetch, hasAsked, takesFocus, onEnd, onRetry } = props;
  const stream = useAnswer(turn, { visitor, fetch });
  const { wish, send } = useStop(stream);
  const focus = useKeptFocus<HTMLDivElement>(takesFocus);
  const { data: answer, state, error } = stream;
  const { text, tokens } = shown(answer);
  const how = endingOf(stream);

  useEffect(() => {
    if (how !== undefined && turn.ending === undefined) onEnd({ how, text, tokens });
  }, [how, turn.ending, onEnd, text, tokens]);

  const cut = () => {
    // Without a server, there is nothing left to cut.
    if (state === "open") stream.cut().catch(() => undefined);
  };
  return (
    <div
      className="turn-answer"
      data-how={how ?? "writing"}
      data-state={state}
      data-unheard={wish === "unheard"}
    >
      <AnswerText text={text} isWriting={how === undefined} />
      {how === undefined && <Progress answer={answer} />}
      <Spoken text={spokenOf(state, wish, how)} />
      <div className="turn-controls" role="group" aria-label="The answer" tabIndex={-1} {...focus}>
        <div className="turn-foot">
          <span className="turn-state">
            {how === undefined ? sayingOf(state, wish) : ENDINGS[how]}
            {how === "failed" && <code className="turn-code">{error?.code}</code>}
          </span>
          {how === undefined ? (
            <>
              <button type="button" className="button button-stop" onClick={() => void send()}>
                Stop
              </button>
              <button
                type="button"
                className="button"
                aria-disabled={state !== "open"}
                onClick={cut}
              >
                Cut the connection
              </button>
              <a className="button" href="./chat.html" target="_blank" rel="noopener">
                Second tab
              </a>
            </>
          ) : (
            <>
              <span className="turn-count">{tokens} tokens</span>
              <button type="button" className="button" onClick={onRetry}>
                Retry
              </button>
            </>
          )}
        </div>
        <ConnectionLine stream={stream} />
      </div>
      <Legs legs={answer.legs} hasAsked={hasAsked} />
    </div>
  );
}

/** How the server has ended it; another tab may have stopped it. */
function endingOf({ state, error }: ReturnType<typeof useAnswer>): Ending["how"] | undefined {
  if (state !== "closed") return undefined;
  if (error === undefined) return "done";
  return error.code === "ERR_CANCELLED" ? "stopped" : "failed";
}
