import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { Inbox } from "./told.js";

/** One request to a {@link Peer}, whose answer the test writes. */
export class Visit {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Resolves when the connection is gone or the answer is over. */
  readonly gone: Promise<unknown>;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.request = request;
    this.response = response;
    this.gone = once(response, "close");
  }

  /** The id that the client resumes from, as the standard has it read: bytes of UTF-8. */
  get lastEventId(): string | undefined {
    const header = this.request.headers["last-event-id"];
    return typeof header === "string" ? Buffer.from(header, "latin1").toString() : undefined;
  }

  /** The request's body. */
  async body(): Promise<string> {
    const chunks: Buffer[] = [];
    for await (const chunk of this.request) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString();
  }

  /** Answers with a stream, whose first bytes may follow at once. */
  open(text = "", headers: OutgoingHttpHeaders = {}): this {
    this.response.writeHead(200, { "content-type": "text/event-stream", ...headers });
    this.response.flushHeaders();
    return text === "" ? this : this.send(text);
  }

  send(text: string | Uint8Array): this {
    this.response.write(text);
    return this;
  }

  /** Answers in one go. */
  answer(status: number, headers: OutgoingHttpHeaders = {}, body = ""): void {
    this.response.writeHead(status, { "content-length": Buffer.byteLength(body), ...headers });
    this.response.end(body);
  }

  end(text = ""): void {
    this.response.end(text);
  }

  /** Breaks the connection off in the midst of an event, once what was sent has left. */
  async cut(partial = "data: par"): Promise<void> {
    await new Promise((done) => this.response.write(partial, done));
    this.request.socket.destroy();
    await this.gone;
  }
}

/** A bare HTTP server that answers what its test says. */
export interface Peer {
  readonly url: string;
  /** The requests, in order. */
  readonly visits: Inbox<Visit>;
  /** The sockets that are open. */
  connections(): Promise<number>;
  close(): Promise<void>;
}

/**
 * Starts one, which ends with its test.
 *
 * @param answer - what is done with each request; the test may also take them from `visits`
 */
export async function startPeer(answer?: (visit: Visit) => void, port = 0): Promise<Peer> {
  const visits = new Inbox<Visit>();
  const server = createServer((request, response) => {
    const visit = new Visit(request, response);
    visits.put(visit);
    answer?.(visit);
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  };
  onTestFinished(close);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/stream`,
    visits,
    connections: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
      ),
    close,
  };
}
