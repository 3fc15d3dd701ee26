import { LineSplitter } from "./line-splitter.js";

/** Who is shown what crosses the wire, line by line. */
export interface WireListener {
  /** A line of the request: what was asked, and the headers that matter. */
  onRequest(line: string): void;
  /** A line of the head of the answer, or of an answer that is no stream. */
  onResponse(line: string): void;
  /** The head of a stream is complete. */
  onHeadEnd(): void;
  /** A line of the body as it came, without its end. */
  onLine(line: string): void;
  /** The node that answers, where there are several. */
  onNode?(name: string): void;
  /** Whoever made the request has let go of it. */
  onAbort?(): void;
}

/** The request's headers that are shown, as they are usually written; `Headers` has them in lower case. */
const REQUEST_HEADERS: ReadonlyMap<string, string> = new Map([
  ["authorization", "Authorization"],
  ["content-type", "Content-Type"],
  ["last-event-id", "Last-Event-ID"],
]);
const RESPONSE_HEADERS = [
  "content-type",
  "cache-control",
  "x-accel-buffering",
  "retry-after",
  "x-node",
];

/**
 * Makes a `fetch` that shows what it sends and gets. Nothing is read ahead: a line is shown when whoever
 * made the request takes the bytes that end it.
 */
export function tapped(listener: WireListener): typeof fetch {
  return async (input, init = {}) => {
    init.signal?.addEventListener("abort", () => listener.onAbort?.(), { once: true });
    showRequest(new Request(input, { ...init, signal: null }), init.body, listener);
    const response = await fetch(input, init);
    showHead(response, listener);
    if (!isStream(response) || response.body === null) {
      await showText(response.clone(), listener);
      return response;
    }
    listener.onHeadEnd();
    return new Response(response.body.pipeThrough(lineTap(listener)), response);
  };
}

/** Whether an answer is a stream of events. */
export function isStream({ status, headers, body }: Response): boolean {
  const type = headers.get("content-type") ?? "";
  return status === 200 && type.startsWith("text/event-stream") && body !== null;
}

function showRequest(
  { method, url, headers }: Request,
  body: BodyInit | null | undefined,
  listener: WireListener,
): void {
  const { pathname, search } = new URL(url);
  listener.onRequest(`${method} ${pathname}${search}`);
  for (const [name, written] of REQUEST_HEADERS) {
    const value = headers.get(name);
    if (value !== null) listener.onRequest(`${written}: ${value}`);
  }
  if (typeof body === "string") listener.onRequest(body);
}

function showHead({ status, statusText, headers }: Response, listener: WireListener): void {
  listener.onResponse(`HTTP ${status} ${statusText}`.trimEnd());
  for (const name of RESPONSE_HEADERS) {
    const value = headers.get(name);
    if (value !== null) listener.onResponse(`${name}: ${value}`);
  }
  const node = headers.get("x-node");
  if (node !== null) listener.onNode?.(node);
}

async function showText(response: Response, listener: WireListener): Promise<void> {
  // A request that is aborted meanwhile has no more to show.
  const text = await response.text().catch(() => "");
  for (const line of text === "" ? [] : text.split("\n")) listener.onResponse(line);
}

function lineTap(listener: WireListener): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder();
  const lines = new LineSplitter();
  return new TransformStream({
    transform(chunk, controller) {
      controller.enqueue(chunk);
      for (const line of lines.push(decoder.decode(chunk, { stream: true }))) listener.onLine(line);
    },
  });
}
