/** Cuts text that arrives in pieces into lines, which end in LF, CR or CRLF. */
export class LineSplitter {
  #rest = "";
  #skipLineFeed = false;

  /** Takes the next piece and returns the lines that it completes, without their ends. */
  push(piece: string): string[] {
    let text = piece;
    if (this.#skipLineFeed && text !== "") {
      if (text.startsWith("\n")) text = text.slice(1);
      this.#skipLineFeed = false;
    }
    // A CR at the end is a whole line end; the LF that may follow in the next piece belongs to it.
    if (text.endsWith("\r")) this.#skipLineFeed = true;
    const lines = (this.#rest + text).split(/\r\n|\n|\r/);
    this.#rest = lines.pop() ?? "";
    return lines;
  }
}
