import { Buffer } from "node:buffer";
import type { SharedText } from "@sluice/core";
import { Writer } from "./writer.js";

/**
 * Everything but a plain HTTP/1.1 socket: an HTTP/2 stream, a response that waits for its turn in a
 * pipeline, HTTP/1.0, an injected request, or a transform that a hook put in between.
 */
export class StreamWriter extends Writer {
  protected override sendText(text: string): void {
    this.written += Buffer.byteLength(text);
    this.target.write(text);
  }

  protected override sendShared(shared: SharedText): boolean {
    this.written += shared.bytes.length;
    return this.target.write(shared.bytes);
  }
}
