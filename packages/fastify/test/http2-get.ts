import { connect, type ClientHttp2Stream, type IncomingHttpHeaders } from "node:http2";
import { once } from "node:events";
import type { FastifyInstance } from "fastify";
import { onTestFinished } from "vitest";
import { portOf } from "./app.js";

export interface Http2Answer {
  readonly headers: IncomingHttpHeaders & { readonly ":status"?: number };
  readonly stream: ClientHttp2Stream;
  /** The whole body, when it has ended. */
  text(): Promise<string>;
}

/** Sends a GET request on HTTP/2; resolves with the head of the answer. */
export async function http2Get(
  app: FastifyInstance,
  path: string,
  { tls = false, headers = {} }: { tls?: boolean; headers?: Record<string, string> } = {},
): Promise<Http2Answer> {
  const origin = `${tls ? "https" : "http"}://127.0.0.1:${await portOf(app)}`;
  const session = connect(origin, { rejectUnauthorized: false });
  onTestFinished(() => session.destroy());
  const stream = session.request({ ":path": path, accept: "text/event-stream", ...headers });
  let body = "";
  stream.setEncoding("utf8").on("data", (text: string) => (body += text));
  const ended = once(stream, "end");
  const [answer] = (await once(stream, "response")) as [Http2Answer["headers"]];
  return {
    headers: answer,
    stream,
    text: async () => {
      await ended;
      return body;
    },
  };
}
