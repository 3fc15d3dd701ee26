import { Buffer } from "node:buffer";
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { SharedText } from "@sluice/core";
import { Writer } from "./writer.js";

/**
 * HTTP/1.1: frames go to the socket as chunks of the chunked coding (RFC 9112 section 7.1), past
 * the response, which costs more than the write itself. The response still ends the body.
 */
export class SocketWriter extends Writer {
  readonly #socket: Socket;

  constructor(response: ServerResponse, socket: Socket) {
    super(response, socket);
    this.#socket = socket;
  }

  protected override sendText(text: string): void {
    const size = Buffer.byteLength(text);
    // As many bytes as characters: all ASCII, for which latin1 is the same and faster.
    const encoding = size === text.length ? "latin1" : "utf8";
    const length = size.toString(16);
    this.written += size + length.length + 4;
    this.#socket.write(`${length}\r\n${text}\r\n`, encoding);
  }

  protected override sendShared(shared: SharedText): void {
    this.written += shared.chunk.length;
    this.#socket.write(shared.chunk);
  }
}
