import { isJson } from "./body.js";

/** Deeper than this, lines are not moved further to the right: what is nested a million times would fill any memory. */
const DEEPEST = 32;

/** Whether a text is an object or an array in JSON. */
export function isStructure(text: string): boolean {
  return /^\s*[{[]/.test(text) && isJson(text);
}

/** JSON on one line, without the blanks between its parts. All else stays as it is written: `1.0`, large numbers. */
export function compactJson(json: string): string {
  let isInString = false;
  return json.replaceAll(/\\.|"|[ \t\r\n]+/g, (token) => {
    if (token === '"') isInString = !isInString;
    return isInString || token === '"' ? token : "";
  });
}

/** JSON on lines of its own, with two blanks for each level. All else stays as it is written. */
export function prettyJson(json: string): string {
  let isInString = false;
  let depth = 0;
  const newLine = (): string => `\n${"  ".repeat(Math.min(depth, DEEPEST))}`;
  return compactJson(json).replaceAll(/\\.|"|\[\]|\{\}|[[\]{}:,]/g, (token) => {
    if (token === '"') isInString = !isInString;
    if (isInString || token.length > 1 || token === '"') return token;
    if (token === ":") return ": ";
    if (token === ",") return token + newLine();
    depth += "[{".includes(token) ? 1 : -1;
    return "[{".includes(token) ? token + newLine() : newLine() + token;
  });
}
