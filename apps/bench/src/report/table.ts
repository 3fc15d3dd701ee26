/**
 * A table of Markdown.
 *
 * @param align - a letter for each column: `l` for text, `r` for figures
 * @defaultValue text in the first column, figures in the others
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  align = `l${"r".repeat(head.length - 1)}`,
): string {
  const rule = align.split("").map((letter) => (letter === "l" ? "---" : "---:"));
  return [head, rule, ...rows].map((cells) => `| ${cells.map(cell).join(" | ")} |`).join("\n");
}

function cell(content: string): string {
  return content.replace(/\|/g, "\\|").replace(/\s+/g, " ");
}
