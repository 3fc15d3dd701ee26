import type { Http2Stream } from "node:http2";

/** The stream behind a response; undefined on HTTP/1. Fastify types every response as one of HTTP/1. */
export function http2StreamOf(response: object): Http2Stream | undefined {
  return (response as { readonly stream?: Http2Stream }).stream;
}
