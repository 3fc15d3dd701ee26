import type { ServerResponse } from "node:http";
import { Socket } from "node:net";
import { http2StreamOf } from "../http2-stream.js";
import { SocketWriter } from "./socket-writer.js";
import { StreamWriter } from "./stream-writer.js";
import type { Writer } from "./writer.js";

/** Chooses the way to the client, for a response whose head is out. */
export function createWriter(response: ServerResponse): Writer {
  const http2Stream = http2StreamOf(response);
  if (http2Stream !== undefined) return new StreamWriter(response, http2Stream);
  // The socket is missing while other responses are ahead in the pipeline, and an injected request has a mock.
  const { socket } = response;
  if (response.chunkedEncoding && socket instanceof Socket)
    return new SocketWriter(response, socket);
  return new StreamWriter(response, response);
}
