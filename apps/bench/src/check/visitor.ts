import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { BenchError } from "../errors.js";

/** A client of one stream that keeps what it gets as it comes. */
export class Visitor {
  readonly #socket: Socket;
  /** Everything that came, the head included, a character a byte. */
  #text = "";
  #closed = false;
  #wake: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (text) => {
      this.#text += String(text);
      this.#wake?.();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#closed = true;
      this.#wake?.();
    });
  }

  /**
   * Asks for a stream; resolves with its head.
   *
   * @throws BenchError `failed` for another answer than a stream
   */
  static async open(port: number, path: string, lastEventId?: string): Promise<Visitor> {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    const visitor = new Visitor(socket);
    const resume = lastEventId === undefined ? "" : `last-event-id: ${lastEventId}\r\n`;
    socket.write(
      `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: text/event-stream\r\n${resume}\r\n`,
    );
    await visitor.until("\r\n\r\n");
    if (!visitor.#text.startsWith("HTTP/1.1 200 "))
      throw new BenchError("failed", `${path}: ${visitor.#text}`);
    return visitor;
  }

  /** How many bytes came in all. */
  get bytes(): number {
    return this.#text.length;
  }

  /**
   * Resolves with how many bytes came up to the end of a text, once it has come.
   *
   * @param from - how many bytes to pass over
   * @throws BenchError `failed` when the connection closes before
   */
  async until(text: string, from = 0): Promise<number> {
    for (;;) {
      const at = this.#text.indexOf(text, from);
      if (at >= 0) return at + text.length;
      if (this.#closed)
        throw new BenchError("failed", "The server has closed a connection that was measured.");
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Resolves when both sides have closed. */
  async leave(): Promise<void> {
    const closed = once(this.#socket, "close");
    this.#socket.end();
    await closed;
  }
}

/** Opens so many streams, all at once. */
export async function openAll(port: number, path: string, count: number): Promise<Visitor[]> {
  return Promise.all(Array.from({ length: count }, () => Visitor.open(port, path)));
}

/** Opens so many streams, each when the one before has its head: so that their costs are the same each time. */
export async function openInTurn(port: number, path: string, count: number): Promise<Visitor[]> {
  const visitors: Visitor[] = [];
  for (let n = 0; n < count; n++) visitors.push(await Visitor.open(port, path));
  return visitors;
}

/** All leave, and the server has seen it. */
export async function leaveAll(visitors: readonly Visitor[]): Promise<void> {
  await Promise.all(visitors.map((visitor) => visitor.leave()));
}
