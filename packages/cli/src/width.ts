/** What takes two columns: East Asian wide characters (Unicode TR 11), and pictures. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
/** What takes none: marks on the letter before, and joiners. */
const NONE = /[\p{Mn}\p{Me}\u200c\u200d]/u;
const PLAIN = /^[\x20-\x7e]*$/;

/** How many columns of a terminal a text takes. It has no control characters. */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += columnsOf(character);
  return width;
}

/** Cuts a text to a number of columns; an ellipsis stands for what is missing. */
export function fit(text: string, columns: number): string {
  if (text.length <= columns && PLAIN.test(text)) return text;
  if (columns < 1) return "";
  let width = 0;
  let at = 0;
  /** Up to where there is room for the ellipsis. */
  let end = 0;
  for (const character of text) {
    width += columnsOf(character);
    if (width > columns) return `${text.slice(0, end)}…`;
    at += character.length;
    if (width < columns) end = at;
  }
  return text;
}

/** Fills a text up with blanks. */
export function pad(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - widthOf(text)));
}

function columnsOf(character: string): number {
  if (character <= "~") return 1;
  if (WIDE.test(character)) return 2;
  return NONE.test(character) ? 0 : 1;
}
