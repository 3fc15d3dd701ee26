import { request, type IncomingMessage } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { constants, createGunzip } from "node:zlib";
import { EventLines, type WireEvent } from "./event-stream.js";

/** An event, and when it was read, in milliseconds of this process. */
export interface Arrival extends WireEvent {
  readonly at: number;
}

/** How a client asks. */
export interface Asking {
  readonly http2?: boolean;
  readonly gzip?: boolean;
  readonly lastEventId?: string;
}

/** A client that comes by a socket of the file system, as a proxy's listens on. */
export class ProxiedClient {
  readonly arrivals: Arrival[] = [];
  /** When it asked. */
  readonly askedAt = performance.now();
  /** The coding of the answer's body; undefined until its head has come. */
  coding: string | undefined;
  status: number | undefined;
  /** The answer is over, whoever ended it. */
  isOver = false;
  readonly #lines = new EventLines();
  readonly #leave: () => void;

  constructor(socketPath: string, path: string, { http2, gzip, lastEventId }: Asking) {
    const headers = {
      ...(gzip === true && { "accept-encoding": "gzip" }),
      ...(lastEventId !== undefined && { "last-event-id": lastEventId }),
    };
    this.#leave =
      http2 === true
        ? this.#askHttp2(socketPath, { ":path": path, ...headers })
        : this.#askHttp1(socketPath, path, headers);
  }

  get lastId(): string {
    return this.#lines.lastId;
  }

  /** The numbered events. */
  get loads(): readonly (Arrival & { readonly seq: number; readonly latency: number })[] {
    return this.arrivals
      .filter(({ event }) => event === "load")
      .map((arrival) => {
        const { seq, at } = JSON.parse(arrival.data) as { seq: number; at: number };
        return { ...arrival, seq, latency: arrival.at + performance.timeOrigin - at / 1_000 };
      });
  }

  leave(): void {
    this.#leave();
  }

  #askHttp1(socketPath: string, path: string, headers: Record<string, string>): () => void {
    const asking = request({ socketPath, path, headers, agent: false });
    asking.on("error", () => (this.isOver = true));
    asking.on("response", (response: IncomingMessage) => {
      this.status = response.statusCode;
      this.#read(response, response.headers["content-encoding"]);
    });
    asking.end();
    return () => asking.destroy();
  }

  #askHttp2(socketPath: string, headers: Record<string, string>): () => void {
    const session = connectHttp2("http://localhost", {
      createConnection: () => connect(socketPath),
    });
    session.on("error", () => (this.isOver = true));
    const stream = session.request(headers);
    stream.on("response", (answer) => {
      this.status = answer[":status"];
      this.#read(stream, answer["content-encoding"]);
    });
    stream.on("close", () => session.close());
    return () => session.destroy();
  }

  #read(body: NodeJS.ReadableStream, coding = "identity"): void {
    this.coding = coding;
    body.on("error", () => (this.isOver = true));
    body.on("close", () => (this.isOver = true));
    // What has come is decoded at once, although the stream goes on.
    const text =
      coding === "gzip" ? body.pipe(createGunzip({ flush: constants.Z_SYNC_FLUSH })) : body;
    text.on("error", () => (this.isOver = true));
    text.on("data", (bytes: Buffer) => {
      const at = performance.now();
      for (const event of this.#lines.push(bytes.toString("latin1")))
        this.arrivals.push({ ...event, at });
    });
  }
}
