/** Of a stream in chunks. */
export const chunkedHead =
  "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

/** Of a stream that ends when the connection does. */
export const plainHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";

/** An event as every server of the benchmark sends it. */
export function frame(n: number): string {
  return `event: tick\ndata: ${JSON.stringify({ n, t: Number(process.hrtime.bigint()) })}\n\n`;
}

/** A chunk of a body. */
export function chunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}
