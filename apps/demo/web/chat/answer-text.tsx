interface AnswerTextProps {
  readonly text: string;
  readonly isWriting: boolean;
}

/** The paragraphs of an answer, and a caret behind what there is. Its tokens are not read out one by one. */
export function AnswerText({ text, isWriting }: AnswerTextProps) {
  const paragraphs = text.split("\n\n");
  return (
    <div className="answer-text" aria-busy={isWriting}>
      {paragraphs.map((paragraph, index) => (
        // What there is of an answer never changes: its paragraphs are known by their places.
        <p key={index}>
          {paragraph}
          {isWriting && index === paragraphs.length - 1 && <span className="caret" />}
        </p>
      ))}
    </div>
  );
}
