/** What every plot has: colours for light and dark pages, and type that is read when it is half as wide. */
const STYLE = `
  svg { --paper: #ffffff; --ink: #1f2328; --soft: #59636e; --grid: #d1d9e0; --bar: #afb8c1;
    --a: #0550ae; --b: #9a4d00; --c: #1a7f37; --d: #a40e26; --e: #6639ba; --f: #0b7285; --g: #57606a; }
  @media (prefers-color-scheme: dark) {
    svg { --paper: #0d1117; --ink: #f0f6fc; --soft: #a5aeb8; --grid: #3d444d; --bar: #57606a;
      --a: #79c0ff; --b: #f0a050; --c: #56d364; --d: #ff8f85; --e: #d2a8ff; --f: #5bd3e3; --g: #b1bac4; }
  }
  text { font: 16px system-ui, sans-serif; fill: var(--ink); }
  .title { font-size: 20px; font-weight: 600; }
  .strong { font-weight: 600; }
  .soft { fill: var(--soft); }
  .grid { stroke: var(--grid); fill: none; }
`;

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** An SVG file. The title is what is read aloud. */
export function svg({ width, height }: Size, title: string, parts: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="t">
<title id="t">${escape(title)}</title>
<style>${STYLE}</style>
<rect width="${width}" height="${height}" rx="8" fill="var(--paper)"/>
${parts.join("\n")}
</svg>
`;
}

export interface TextLook {
  /** Classes. */
  readonly kind?: string;
  readonly anchor?: "start" | "middle" | "end";
  /** A variable of colours. */
  readonly colour?: string;
}

export function text(x: number, y: number, content: string, look: TextLook = {}): string {
  const { kind, anchor, colour } = look;
  const attributes = [
    kind === undefined ? "" : ` class="${kind}"`,
    anchor === undefined || anchor === "start" ? "" : ` text-anchor="${anchor}"`,
    colour === undefined ? "" : ` style="fill:var(${colour})"`,
  ].join("");
  return `<text x="${px(x)}" y="${px(y)}"${attributes}>${escape(content)}</text>`;
}

/** A coordinate: a tenth of a pixel is enough, and makes the same file everywhere. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escape(content: string): string {
  return content.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
