/** A word with what is inside of it, as in `sluice.end` and `1,000`; or a mark of punctuation. */
const TOKEN = /[^\s,;:.!?]+(?:(?:[.:!?]+|,(?=\d))[^\s,;:.!?]+)*|[,;:.!?]+/g;

const MARK = /^[,;:.!?]/;
const END = /^[.!?]/;

/** Cuts a text into words and marks. */
export function tokensOf(text: string): string[] {
  return text.match(TOKEN) ?? [];
}

/** Whether a token ends a sentence. */
export function endsSentence(token: string): boolean {
  return END.test(token);
}

/** A token as it is added to a text: a mark follows at once, a word after a space. */
export function pieceOf(token: string): string {
  return MARK.test(token) ? token : ` ${token}`;
}

/** A word without what its use makes of it, roughly: `Resumes` and `resumed` are the same word. */
export function stemOf(token: string): string {
  const word = token.toLowerCase();
  const stem = word.replace(/(?:'s|ing|ed|es|s|e)$/, "");
  return stem.length < 3 ? word : stem;
}
