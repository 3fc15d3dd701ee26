import { type Answer, shown } from "./answer.js";

interface ProgressProps {
  readonly answer: Answer;
  readonly isOver: boolean;
}

/** How far an answer is: nobody knows where its last sentence ends before it does. */
export function Progress({ answer, isOver }: ProgressProps) {
  const { tokens } = shown(answer);
  const { about } = answer;
  const most = Math.max(about ?? 1, tokens + (isOver ? 0 : 1));
  const label = about === undefined ? "Tokens" : `${tokens} of about ${about} tokens`;
  return (
    <div className="progress">
      <div
        className="progress-track"
        role="progressbar"
        aria-label="The answer"
        aria-valuemin={0}
        aria-valuemax={most}
        aria-valuenow={isOver ? most : tokens}
        aria-valuetext={label}
      >
        <div
          className="progress-fill"
          style={{
            transform: `scaleX(${(isOver && tokens > 0 ? tokens / Math.max(tokens, about ?? 1) : tokens / most).toFixed(4)})`,
          }}
        />
      </div>
      <span className="progress-text">{isOver ? `${tokens} tokens` : label}</span>
    </div>
  );
}
