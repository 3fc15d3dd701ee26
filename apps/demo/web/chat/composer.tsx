import { type SyntheticEvent, useState } from "react";

interface ComposerProps {
  /** One answer after the other. */
  readonly isBusy: boolean;
  readonly onAsk: (prompt: string) => void;
  readonly onClear?: () => void;
}

/** As the server has it. */
const LONGEST = 300;

/** Where one asks. */
export function Composer({ isBusy, onAsk, onClear }: ComposerProps) {
  const [prompt, setPrompt] = useState("");
  const isReady = !isBusy && prompt.trim() !== "";
  const ask = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!isReady) return;
    onAsk(prompt.trim());
    setPrompt("");
  };
  return (
    <form className="composer" onSubmit={ask}>
      <label className="unseen" htmlFor="prompt">
        Your question
      </label>
      <input
        id="prompt"
        className="composer-prompt"
        value={prompt}
        onChange={({ target }) => setPrompt(target.value)}
        placeholder="Ask about streams"
        maxLength={LONGEST}
        autoComplete="off"
        enterKeyHint="send"
      />
      <button type="submit" className="button button-main" disabled={!isReady}>
        Ask
      </button>
      {onClear !== undefined && (
        <button type="button" className="button button-quiet" onClick={onClear}>
          Clear
        </button>
      )}
    </form>
  );
}
