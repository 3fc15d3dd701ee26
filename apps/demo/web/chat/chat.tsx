import { useRef, useState, useSyncExternalStore } from "react";
import { Composer } from "./composer.js";
import { LiveTurn } from "./live-turn.js";
import { PastTurn } from "./past-turn.js";
import { useFollowing } from "./use-following.js";
import type { Thread, Turn } from "./thread.js";

/** What the page gives to the chat. */
export interface ChatProps {
  readonly thread: Thread;
  readonly visitor: string;
  /** Shows what crosses the wire. */
  readonly fetch: typeof globalThis.fetch;
}

const SUGGESTIONS = [
  "How does a client resume?",
  "What happens when a server is restarted?",
  "Why does a run outlive its tab?",
  "How do channels work on several nodes?",
];

/** Questions and their answers. */
export function Chat({ thread, ...around }: ChatProps) {
  const turns = useSyncExternalStore(thread.listen, thread.turns);
  const isBusy = turns.some(({ ending }) => ending === undefined);
  const { length } = turns;
  const end = useFollowing(length);
  const prompt = useRef<HTMLInputElement>(null);
  // What was pressed is gone then: its answer takes the focus.
  const [focused, focus] = useState<string>();

  const clear = () => {
    thread.clear();
    prompt.current?.focus();
  };
  return (
    <>
      {length === 0 ? (
        <div className="chat-empty">
          <p>Ask something, or begin with one of these:</p>
          <ul className="chat-suggestions">
            {SUGGESTIONS.map((text) => (
              <li key={text}>
                <button type="button" className="button" onClick={() => focus(thread.ask(text))}>
                  {text}
                </button>
              </li>
            ))}
          </ul>
        </div>
      ) : (
        <ol className="thread" aria-label="Questions and answers">
          {turns.map((turn) => (
            <ThreadItem
              key={turn.id}
              {...around}
              turn={turn}
              thread={thread}
              takesFocus={turn.id === focused}
              onRetry={() => focus(thread.retry(turn.id))}
            />
          ))}
        </ol>
      )}
      <div ref={end} className="thread-end" />
      <Composer
        input={prompt}
        isBusy={isBusy}
        onAsk={(text) => thread.ask(text)}
        {...(length > 0 && !isBusy && { onClear: clear })}
      />
    </>
  );
}

interface ItemProps extends ChatProps {
  readonly turn: Turn;
  readonly takesFocus: boolean;
  readonly onRetry: () => void;
}

/** An answer that was on its way when it was first shown stays with its stream when it ends. */
function ThreadItem({ turn, thread, takesFocus, onRetry, ...around }: ItemProps) {
  const [ending] = useState(turn.ending);
  return (
    <li className="turn" data-turn={turn.id}>
      <p className="turn-prompt">
        <span className="unseen">You asked: </span>
        {turn.prompt}
      </p>
      {ending === undefined ? (
        <LiveTurn
          {...around}
          turn={turn}
          hasAsked={thread.hasAsked(turn.id)}
          takesFocus={takesFocus}
          onEnd={(how) => thread.end(turn.id, how)}
          onRetry={onRetry}
        />
      ) : (
        <PastTurn ending={ending} onRetry={onRetry} />
      )}
    </li>
  );
}
