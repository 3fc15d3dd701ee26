/**
 * What can move a cursor, colour, retitle or answer (control characters: those of ASCII, and those from 0x80, which
 * some terminals obey), or make text look like another (directions, invisible letters). The two joiners are parts of
 * words and pictures.
 */
const HARMFUL = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Makes what others have sent safe to show, on one line. The escapes are those of JSON, so that JSON stays JSON. */
export function harmless(text: string): string {
  return text.replaceAll(HARMFUL, (found) => SHORT[found] ?? escape(found));
}

/** The same for text on several lines, whose line breaks and tabs stay. */
export function harmlessLines(text: string): string {
  return text.replaceAll(HARMFUL, (found) =>
    found === "\n" || found === "\t" ? found : escape(found),
  );
}

function escape(found: string): string {
  let escaped = "";
  for (let at = 0; at < found.length; at++) {
    escaped += `\\u${found.charCodeAt(at).toString(16).padStart(4, "0")}`;
  }
  return escaped;
}
