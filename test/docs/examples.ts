import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/process.mjs";

/** A fenced block of a document. */
export interface Fence {
  /** The document, from the repository's root. */
  readonly document: string;
  /** The number of the fence's own line, from 1. */
  readonly line: number;
  /** The first word behind the fence; "" when there is none. */
  readonly language: string;
  /** What else stands behind it. */
  readonly mark: string;
  readonly text: string;
  /** Why the block is left alone: `<!-- unchecked: the reason -->` on the line before it. */
  readonly unchecked: string | undefined;
}

/** A command that a document shows, and what it says the command prints. */
export interface Command {
  readonly command: string;
  readonly output: string;
}

/** A complete program, and what the document says of it. */
export interface Program {
  readonly fence: Fence;
  /** What it prints, where that stands right below it in a `text` block. */
  readonly output: string | undefined;
  /** What is run beside it: the `console` blocks below it, up to the next heading of its level or program. */
  readonly commands: readonly Command[];
}

const CODE: ReadonlySet<string> = new Set(["ts", "tsx", "js", "jsx", "mjs", "typescript"]);
const FENCE = /^(?<indent> *)```(?<language>[^\s`]*) *(?<mark>[^`]*)$/;
const UNCHECKED = /^<!-- unchecked: (.+) -->$/;

/** The documents: the README, those in `docs`, and each package's and app's README. */
export function documents(): string[] {
  const readmes = [...below("packages"), ...below("apps")].filter((path) =>
    /^[^/]+\/[^/]+\/README\.md$/.test(path),
  );
  return ["README.md", ...below("docs"), ...readmes].toSorted();
}

function below(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md") && !/(^|\/)(node_modules|dist)\//.test(path))
    .map((path) => `${folder}/${path}`);
}

/** All fenced blocks of a document. */
export function fences(document: string): Fence[] {
  const lines = readFileSync(join(root, document), "utf8").split("\n");
  const found: Fence[] = [];
  for (let index = 0; index < lines.length; index++) {
    const opening = FENCE.exec(lines[index]!)?.groups;
    if (opening === undefined) continue;
    const { indent = "", language = "", mark = "" } = opening;
    const closing = lines.findIndex(
      (line, at) => at > index && line.trimEnd() === `${indent}\`\`\``,
    );
    if (closing === -1) throw new Error(`${document}:${index + 1}: the block is not closed.`);
    const before = lines.slice(0, index).findLast((line) => line.trim() !== "");
    found.push({
      document,
      line: index + 1,
      language,
      mark: mark.trim(),
      text: lines
        .slice(index + 1, closing)
        .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
        .join("\n"),
      unchecked: UNCHECKED.exec(before?.trim() ?? "")?.[1],
    });
    index = closing;
  }
  return found;
}

/** Whether a block is code that has to be checked, unless it says why it is not. */
export function isCode(fence: Fence): boolean {
  return CODE.has(fence.language);
}

/** The complete programs of a document: blocks that are marked `run`. */
export function programs(document: string): Program[] {
  const all = fences(document);
  return all.flatMap((fence, index) => {
    if (fence.mark !== "run") return [];
    const rest = all.slice(index + 1);
    const next = rest.findIndex(isCode);
    const below = next === -1 ? rest : rest.slice(0, next);
    const printed = below[0]?.language === "text" ? below[0].text : undefined;
    const commands = below
      .filter(({ language }) => language === "console")
      .flatMap(({ text }) => commandsOf(text));
    return { fence, output: printed, commands };
  });
}

/** The `console` blocks that no program precedes: nothing could check them. */
export function orphans(document: string): Fence[] {
  let afterProgram = false;
  return fences(document).filter((fence) => {
    if (isCode(fence)) afterProgram = fence.mark === "run";
    return fence.language === "console" && !afterProgram && fence.unchecked === undefined;
  });
}

/** A line that begins with `$ ` is a command, on as many lines as end in a backslash; the rest is its output. */
function commandsOf(text: string): Command[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [, command, output] = /^((?:.*\\\n)*.*)(?:\n([\s\S]*))?$/.exec(part)!;
      return { command: command!, output: output ?? "" };
    });
}

/** Whether a text is what a document prints: there `...` stands for any text, on its own line for any lines. */
export function matches(printed: string, actual: string): boolean {
  const pattern = normal(printed)
    .split("\n")
    .map((line) => (line === "..." ? "[^]*?" : line.split("...").map(escape).join("[^\\n]*")))
    .join("\n");
  return new RegExp(`^${pattern}$`).test(normal(actual));
}

/** Without carriage returns, and without what surrounds the text. */
export function normal(text: string): string {
  return text
    .replaceAll("\r", "")
    .replaceAll(/[ \t]+$/gm, "")
    .trim();
}

function escape(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
