import { connect, type Socket } from "node:net";
import type { FastifyInstance } from "fastify";
import { onTestFinished } from "vitest";
import { portOf } from "./app.js";

/** A plain TCP connection, for tests that look at each byte. */
export class RawConnection {
  readonly socket: Socket;
  /** What the server has sent, one character a byte. */
  received = "";
  /** The reads that it came in. */
  readonly reads: string[] = [];
  readonly #listeners = new Set<() => void>();
  #closed = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (bytes: Buffer) => {
      const text = bytes.toString("latin1");
      this.received += text;
      this.reads.push(text);
      this.#tell();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#closed = true;
      this.#tell();
    });
  }

  /** The head of the answer, without the blank line; "" while it is not there. */
  get head(): string {
    const end = this.received.indexOf("\r\n\r\n");
    return end === -1 ? "" : this.received.slice(0, end);
  }

  /** What came after the head, as it stood on the wire. */
  get body(): string {
    return this.head === "" ? "" : this.received.slice(this.head.length + 4);
  }

  /** Resolves when the condition holds; rejects when the server closes before. */
  until(condition: (connection: this) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        if (condition(this)) resolve();
        else if (this.#closed) reject(new Error(`Closed after ${JSON.stringify(this.received)}`));
        else return;
        this.#listeners.delete(check);
      };
      this.#listeners.add(check);
      check();
    });
  }

  /** Resolves when the server has closed the connection. */
  async closed(): Promise<this> {
    await this.until(() => this.#closed);
    return this;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** Sends a request as it is written; its line breaks may be LF. */
export async function exchange(app: FastifyInstance, request: string): Promise<RawConnection> {
  const socket = connect(await portOf(app), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  const connection = new RawConnection(socket);
  socket.write(Buffer.from(request.replaceAll(/\r?\n/g, "\r\n"), "latin1"));
  return connection;
}

/** A GET request on HTTP/1.1, for {@link exchange}. */
export function get(path: string, headers: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\n`);
  return `GET ${path} HTTP/1.1\nHost: localhost\n${lines.join("")}\n`;
}

/** Takes the chunked coding off a body (RFC 9112 section 7.1). */
export function chunksOf(body: string): string[] {
  const chunks: string[] = [];
  for (let rest = body; rest !== "";) {
    const size = /^([0-9a-f]+)\r\n/.exec(rest);
    if (size === null) throw new Error(`No chunk: ${JSON.stringify(rest.slice(0, 40))}`);
    const start = size[0].length;
    const end = start + Number.parseInt(size[1]!, 16);
    if (rest.slice(end, end + 2) !== "\r\n") throw new Error("A chunk does not end where it says.");
    chunks.push(rest.slice(start, end));
    rest = rest.slice(end + 2);
  }
  return chunks;
}
