import { connect as connectHttp2, constants } from "node:http2";
import { connect } from "node:net";
import { ChunkedAnswer, EventLines, type WireEvent } from "./event-stream.js";

/** A client's connection. */
export interface Link {
  readonly protocol: "HTTP/1.1" | "HTTP/2";
  /** Of the answer; undefined until it has come. */
  readonly status: number | undefined;
  /** The id to come back with: of the last whole event. */
  readonly lastId: string;
  /** Resolves when the connection is over, whoever ended it. */
  readonly closed: Promise<void>;
  pause(): void;
  resume(): void;
  /** Leaves; what comes from now on is not looked at. `hard` resets the connection. */
  leave(hard: boolean): void;
  /** Leaves in the middle of what comes next, after so much of it. */
  leaveWithin(share: number): void;
}

/** How to connect. */
export type Dial = (path: string, lastEventId: string | undefined, take: Take) => Link;
export type Take = (event: WireEvent) => void;

/** A socket of its own. */
export function dialHttp1(port: number, host = "127.0.0.1"): Dial {
  return (path, lastEventId, take) => {
    const socket = connect(port, host);
    const answer = new ChunkedAnswer();
    const link = reading(take, (text) => answer.push(text));
    socket.on("error", () => {});
    socket.on("data", (bytes: Buffer) => {
      if (!link.read(bytes)) socket.resetAndDestroy();
    });
    const resume = lastEventId === undefined ? "" : `last-event-id: ${lastEventId}\r\n`;
    socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${resume}\r\n`);
    return {
      ...link.controls,
      protocol: "HTTP/1.1",
      get status() {
        return answer.status === "" ? undefined : Number(answer.status.split(" ")[1]);
      },
      get lastId() {
        return link.lines.lastId;
      },
      closed: new Promise((resolve) => socket.once("close", () => resolve())),
      pause: () => void socket.pause(),
      resume: () => void socket.resume(),
      leave(hard) {
        link.stop();
        if (hard) socket.resetAndDestroy();
        else socket.destroy();
      },
    };
  };
}

/** A session of its own, so that its windows are too. */
export function dialHttp2(port: number): Dial {
  return (path, lastEventId, take) => {
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    const link = reading(take, (text) => text);
    const stream = session.request({
      ":path": path,
      ...(lastEventId !== undefined && { "last-event-id": lastEventId }),
    });
    let status: number | undefined;
    stream.on("response", (headers) => (status = headers[":status"]));
    const end = (): void => {
      stream.close(constants.NGHTTP2_CANCEL);
      session.destroy();
    };
    session.on("error", () => {});
    stream.on("error", () => {});
    stream.on("data", (bytes: Buffer) => {
      if (!link.read(bytes)) end();
    });
    stream.once("close", () => session.destroy());
    return {
      ...link.controls,
      protocol: "HTTP/2",
      get status() {
        return status;
      },
      get lastId() {
        return link.lines.lastId;
      },
      closed: new Promise((resolve) => session.once("close", () => resolve())),
      pause: () => void stream.pause(),
      resume: () => void stream.resume(),
      leave(hard) {
        link.stop();
        if (hard) session.destroy();
        else end();
      },
    };
  };
}

function reading(take: Take, decode: (text: string) => string) {
  const lines = new EventLines();
  let stopped = false;
  let share: number | undefined;
  return {
    lines,
    stop: () => void (stopped = true),
    /** @returns false when the client leaves in the middle of it */
    read(bytes: Buffer): boolean {
      if (stopped) return true;
      const leaves = share !== undefined;
      const text = bytes.toString("latin1");
      const part = text.slice(0, Math.floor(text.length * (share ?? 1)));
      stopped = leaves;
      for (const event of lines.push(decode(part))) take(event);
      return !leaves;
    },
    controls: { leaveWithin: (within: number) => void (share = within) },
  };
}
