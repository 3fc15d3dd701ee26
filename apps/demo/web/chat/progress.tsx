import { type Answer, shown } from "./answer.js";

/** How far an answer is that is on its way: nobody knows where its last sentence ends before it does. */
export function Progress({ answer }: { readonly answer: Answer }) {
  const { tokens } = shown(answer);
  const { about } = answer;
  const most = Math.max(about ?? 1, tokens + 1);
  const label = about === undefined ? "No token yet" : `${tokens} of about ${about} tokens`;
  return (
    <div className="progress">
      <div
        className="progress-track"
        role="progressbar"
        aria-label="The answer"
        aria-valuemin={0}
        aria-valuemax={most}
        aria-valuenow={tokens}
        aria-valuetext={label}
      >
        <div
          className="progress-fill"
          style={{ transform: `scaleX(${(tokens / most).toFixed(4)})` }}
        />
      </div>
      <span className="progress-text">{label}</span>
    </div>
  );
}
