import { Buffer } from "node:buffer";

/** A text that goes to many connections, made into bytes once for each way to write it. */
export class SharedText {
  /** The text as it stands on the wire. */
  readonly text: string;
  #bytes: Buffer | undefined;
  #chunk: Buffer | undefined;

  constructor(text: string) {
    this.text = text;
  }

  /** The UTF-8 bytes of {@link text}. Each connection gets the same buffer: don't write to it. */
  get bytes(): Buffer {
    return (this.#bytes ??= Buffer.from(this.text));
  }

  /** The bytes as one chunk of HTTP/1.1's chunked coding (RFC 9112 section 7.1), shared likewise. */
  get chunk(): Buffer {
    return (this.#chunk ??= toChunk(this.text));
  }
}

function toChunk(text: string): Buffer {
  const size = Buffer.byteLength(text);
  // As many bytes as characters: all ASCII, for which latin1 is the same and faster.
  const encoding = size === text.length ? "latin1" : "utf8";
  return Buffer.from(`${size.toString(16)}\r\n${text}\r\n`, encoding);
}
