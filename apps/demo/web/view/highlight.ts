/** What a piece of TypeScript is, as far as its colour goes. */
export type TokenKind =
  | "comment"
  | "string"
  | "keyword"
  | "decorator"
  | "number"
  | "type"
  | "plain";

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

const KEYWORDS =
  "abstract as async await break case catch class const continue declare default delete do else export extends false finally for from function if implements import in instanceof interface let new null of override private public readonly return static super switch this throw true try type typeof undefined void while yield";

// The order decides: a comment or a string may contain anything that comes after.
const PATTERN = new RegExp(
  [
    String.raw`(?<comment>\/\/[^\n]*|\/\*[\s\S]*?\*\/)`,
    String.raw`(?<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\`(?:[^\`\\]|\\.)*\`)`,
    String.raw`(?<decorator>@[A-Za-z_]\w*)`,
    String.raw`(?<keyword>\b(?:${KEYWORDS.replaceAll(" ", "|")})\b)`,
    String.raw`(?<number>\b\d[\d_]*(?:\.\d+)?\b)`,
    String.raw`(?<type>\b[A-Z]\w*\b)`,
  ].join("|"),
  "g",
);

/** Cuts TypeScript into coloured pieces. Joined, they are the text again. */
export function highlight(source: string): Token[] {
  const tokens: Token[] = [];
  let end = 0;
  for (const match of source.matchAll(PATTERN)) {
    if (match.index > end) tokens.push({ kind: "plain", text: source.slice(end, match.index) });
    tokens.push({ kind: kindOf(match.groups), text: match[0] });
    end = match.index + match[0].length;
  }
  if (end < source.length) tokens.push({ kind: "plain", text: source.slice(end) });
  return tokens;
}

function kindOf(groups: Record<string, string | undefined> | undefined): TokenKind {
  const found = Object.entries(groups ?? {}).find(([, text]) => text !== undefined);
  return (found?.[0] ?? "plain") as TokenKind;
}
