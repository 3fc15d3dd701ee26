import { Agent, type Dispatcher, request } from "undici";

export interface SseTestOptions {
  /** @defaultValue `"GET"`, or `"POST"` with a body */
  readonly method?: "GET" | "POST" | "PUT" | "HEAD";
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as `Last-Event-ID`. */
  readonly lastEventId?: string;
  /**
   * How long to wait for each event, in milliseconds of the real clock. The head of an answer, and the
   * whole of one, are waited for no less than the default.
   * @defaultValue 3,000
   */
  readonly timeout?: number;
  /**
   * Lets time pass on the test runner's fake clock, as `() => vi.advanceTimersToNextTimerAsync()`
   * does. It is called again and again while the test waits for the client, and its result is awaited.
   */
  readonly advance?: () => unknown;
}

/** What sends a client's requests. No timer of its own may run on a fake clock. */
export function oneSocket(): Agent {
  return new Agent({
    connect: { rejectUnauthorized: false, timeout: 0 },
    headersTimeout: 0,
    bodyTimeout: 0,
    pipelining: 1,
    connections: 1,
  });
}

/** Sends a client's request; resolves with the head of the answer. */
export function send(
  agent: Agent,
  url: URL,
  { body, headers, method }: SseTestOptions,
  lastEventId: string | undefined,
): Promise<Dispatcher.ResponseData> {
  return request(url, {
    dispatcher: agent,
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers: {
      accept: "text/event-stream",
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(lastEventId !== undefined && { "last-event-id": asHeader(lastEventId) }),
      ...headers,
    },
    body: body === undefined ? null : JSON.stringify(body),
  });
}

/** A header carries bytes, one a character: UTF-8, as browsers send it. */
function asHeader(id: string): string {
  return Buffer.from(id, "utf8").toString("latin1");
}
