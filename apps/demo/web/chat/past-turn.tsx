import { AnswerText } from "./answer-text.js";
import type { Ending } from "./thread.js";
import { ENDINGS } from "./words.js";

interface PastTurnProps {
  readonly ending: Ending;
  readonly onRetry: () => void;
}

/** An answer of an earlier visit: it is over, and nothing is asked of the server. */
export function PastTurn({ ending: { how, text, tokens }, onRetry }: PastTurnProps) {
  return (
    <div className="turn-answer" data-how={how}>
      <AnswerText text={text} isWriting={false} />
      <div className="turn-foot">
        <span className="turn-state">{ENDINGS[how]}</span>
        <span className="turn-count">{tokens} tokens</span>
        <button type="button" className="button" onClick={onRetry}>
          Retry
        </button>
      </div>
    </div>
  );
}
