/** What is taken out of Markdown whole: none of it is prose. */
const NOT_PROSE = [
  /<!--[\s\S]*?-->/g,
  /^(`{3,}|~{3,})[^\n]*\n[\s\S]*?^\1[^\n]*$/gm,
  /^\s*\|.*$/gm, // tables
  /^#+ .*$/gm, // headings
  /^\[[^\]]+\]: .*$/gm, // where links lead
];

/** Marks whose text stays. The order counts: an image may be inside of a link. */
const MARKS: readonly (readonly [RegExp, string])[] = [
  [/!\[[^\]]*\]\([^)]*\)/g, ""],
  [/\[([^\]]+)\](?:\([^)]*\)|\[[^\]]*\])/g, "$1"],
  [/`([^`]*)`/g, "$1"],
  [/\*{1,3}(?=\S)([^*]+?)\*{1,3}/g, "$1"],
  [/ ?\([^()]*\)/g, ""],
  [/["“”]/g, ""],
];

const ITEM = /^\s*(?:[-*>]|\d+\.)\s+/;
const SENTENCE_END = /(?<=[.!?])\s+(?=[A-Z@])/;

/** Code that was written into a sentence, and what does not begin as one. */
const NOT_SPOKEN = /[()[\]{}<>=|*\\/_]|\.{2}|^[^A-Z]/;

/** What ends in a colon leads to something that is left out here. */
const WHOLE = /\w\S*[.!?]$/;

/** The sentences of a Markdown document: no code, tables, headings and links, and nothing in parentheses. */
export function proseOf(markdown: string): string[] {
  let text = markdown.replaceAll("\r\n", "\n");
  for (const pattern of NOT_PROSE) text = text.replaceAll(pattern, "\n");
  return text
    .split(/\n\s*\n|\n(?=\s*(?:[-*]|\d+\.)\s)/)
    .flatMap((block) => plain(block).split(SENTENCE_END))
    .filter((sentence) => isSpoken(sentence));
}

function plain(block: string): string {
  let text = block.replace(ITEM, "").replaceAll(/\n\s*(?:>\s*)?/g, " ");
  for (const [mark, by] of MARKS) text = text.replaceAll(mark, by);
  return text.replaceAll(/\s+/g, " ").trim();
}

function isSpoken(sentence: string): boolean {
  return WHOLE.test(sentence) && !NOT_SPOKEN.test(sentence) && sentence.split(" ").length > 3;
}
