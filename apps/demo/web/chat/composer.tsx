import { type RefObject, type SyntheticEvent, useState } from "react";

interface ComposerProps {
  readonly input: RefObject<HTMLInputElement | null>;
  /** One answer after the other. */
  readonly isBusy: boolean;
  readonly onAsk: (prompt: string) => void;
  readonly onClear?: () => void;
}

/** As the server has it. */
const LONGEST = 300;

/** Where one asks. */
export function Composer({ input, isBusy, onAsk, onClear }: ComposerProps) {
  const [prompt, setPrompt] = useState("");
  const [refused, setRefused] = useState(0);
  const isEmpty = prompt.trim() === "";
  const ask = (event: SyntheticEvent) => {
    event.preventDefault();
    if (isEmpty) input.current?.focus();
    else if (isBusy) setRefused(refused + 1);
    if (isEmpty || isBusy) return;
    onAsk(prompt.trim());
    setPrompt("");
  };
  return (
    <form className="composer" onSubmit={ask}>
      <p className="composer-hint" id="composer-hint" role="status">
        {isBusy && !isEmpty && (
          // Another element is read out again.
          <span key={refused}>
            One answer at a time: ask when this one is complete, or stop it.
          </span>
        )}
      </p>
      <label className="unseen" htmlFor="prompt">
        Your question
      </label>
      <input
        ref={input}
        id="prompt"
        className="composer-prompt"
        value={prompt}
        onChange={({ target }) => setPrompt(target.value)}
        placeholder="Ask about streams"
        maxLength={LONGEST}
        autoComplete="off"
        enterKeyHint="send"
      />
      <button
        type="submit"
        className="button button-main"
        aria-disabled={isEmpty || isBusy}
        aria-describedby="composer-hint"
      >
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
