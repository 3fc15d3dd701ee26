import { styleText } from "node:util";

export const COLOUR_CHOICES = ["auto", "always", "never"] as const;

export type ColourChoice = (typeof COLOUR_CHOICES)[number];

/** Gives a text a style, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

export type Style = Parameters<typeof styleText>[0];

/**
 * Whether a stream gets colours. The choice on the command line wins, then `FORCE_COLOR` (0 and false say no), then
 * `NO_COLOR` (https://no-color.org), then whether it is a terminal that knows colours.
 */
export function hasColours(
  choice: ColourChoice,
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (choice !== "auto") return choice === "always";
  const { FORCE_COLOR, NO_COLOR, TERM } = env;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  if (NO_COLOR !== undefined && NO_COLOR !== "") return false;
  return stream.isTTY === true && TERM !== "dumb";
}

export function painter(isColoured: boolean): Paint {
  // Whether there are colours has been decided: `styleText` is not to look for itself.
  return isColoured
    ? (style, text) => (text === "" ? "" : styleText(style, text, { validateStream: false }))
    : (_, text) => text;
}

const NAMES = [
  "cyan",
  "green",
  "yellow",
  "magenta",
  "blue",
  "cyanBright",
  "greenBright",
  "yellowBright",
  "magentaBright",
  "blueBright",
] as const satisfies readonly Style[];

/** The colour of an event's name: the same wherever and whenever it is seen. */
export function colourOf(name: string): Style {
  if (name === "message") return "bold";
  if (/^(error|failed|failure)$/i.test(name)) return "red";
  let hash = 2_166_136_261; // FNV-1a
  for (const letter of name.slice(0, 64)) {
    hash = Math.imul(hash ^ letter.codePointAt(0)!, 16_777_619);
  }
  return NAMES[(hash >>> 8) % NAMES.length]!;
}
